import { nextTick, onBeforeUnmount, onMounted, type Ref } from 'vue'

const REACHABLE = 'button:not([disabled]), input:not([disabled]), [tabindex="0"]'

/** Keeps the focus inside a dialog while it is open and gives it back afterwards. */
export function useFocusTrap(root: Ref<HTMLElement | null>) {
  const before = document.activeElement as HTMLElement | null
  const reachable = () => [...(root.value?.querySelectorAll<HTMLElement>(REACHABLE) ?? [])]

  function onTab(event: KeyboardEvent) {
    const items = reachable()
    const index = items.indexOf(document.activeElement as HTMLElement)
    const next = items.at((index + (event.shiftKey ? -1 : 1)) % items.length)
    event.preventDefault()
    next?.focus()
  }
  function onFocusIn(event: FocusEvent) {
    const isTop = [...document.querySelectorAll('[role="dialog"]')].at(-1) === root.value
    if (isTop && root.value && !root.value.contains(event.target as Node)) first()
  }
  function first() {
    const wanted = root.value?.querySelector<HTMLElement>('[data-focus]') ?? reachable()[0] ?? root.value
    wanted?.focus()
  }

  onMounted(() => {
    void nextTick(first)
    document.addEventListener('focusin', onFocusIn)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('focusin', onFocusIn)
    void nextTick(() => before?.isConnected && before.focus())
  })
  return { onTab, first }
}
