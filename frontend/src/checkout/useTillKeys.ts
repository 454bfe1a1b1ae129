import type { Ref } from 'vue'
import { useNoticeStore } from '@/shared/notices'
import type { Tender } from '@/shared/types'
import { useCheckoutStore } from './stores/checkout'
import type { useActions } from './useActions'
import { useEntry } from './useEntry'
import { hotkey, useHotkeys, type Hotkeys } from './useHotkeys'

export interface TillKeysOptions {
  actions: ReturnType<typeof useActions>
  pay: (tender: Tender) => Promise<void>
  /** The entry field of the till. */
  field: () => HTMLInputElement | null
  /** True while a dialog lies over the till. */
  isCovered: Ref<boolean>
  switchLanguage: () => void
  toggleTheme: () => void
  signOut: () => void
}

/** The keyboard map of the till. */
export function useTillKeys({ actions, pay, field, isCovered, ...everywhere }: TillKeysOptions) {
  const checkout = useCheckoutStore()
  const entry = useEntry()
  const notices = useNoticeStore()

  const keys: Hotkeys = {
    '?': () => void actions.help(),
    F1: () => void actions.help(),
    F2: () => void actions.changeQuantity(),
    F3: () => void actions.search(),
    '/': () => void actions.search(),
    F4: () => void actions.receipts(),
    F5: () => void actions.refund(),
    F6: () => void actions.park(),
    F7: () => actions.resume(),
    F8: () => void pay('card'),
    F9: () => void pay('cash'),
    '+': () => void pay('cash'),
    F10: () => void pay('mobile'),
    F12: () => void actions.camera(),
    ArrowUp: () => checkout.select(-1),
    ArrowDown: () => checkout.select(1),
    PageUp: () => checkout.select(-8),
    PageDown: () => checkout.select(8),
    Delete: (event) => (event?.shiftKey ? void actions.clear() : actions.voidLine()),
    Escape: () => { entry.clear(); notices.clear() },
    Enter: () => actions.submit(),
  }
  useHotkeys(keys)
  const withAlt: Record<string, () => void> = {
    KeyL: everywhere.switchLanguage,
    KeyT: everywhere.toggleTheme,
    KeyQ: everywhere.signOut,
    KeyO: () => void actions.openDrawer(),
  }

  /** Characters act as keys only where they are not being typed as text. */
  function characterKey(character: string): (() => void) | undefined {
    const focus = document.activeElement
    const isTyping = focus instanceof HTMLInputElement && (focus !== field() || entry.text.value !== '')
    return isTyping ? undefined : hotkey(character)
  }

  function take(event: KeyboardEvent, action: () => void) {
    event.preventDefault()
    action()
  }

  /** A key that lies under something must not remove line after line. */
  const isHeld = (event: KeyboardEvent) => event.repeat && event.key === 'Delete' && entry.text.value === ''

  function onKey(event: KeyboardEvent) {
    if (isHeld(event) && !isCovered.value) return event.preventDefault()
    const withModifier = event.altKey && withAlt[event.code]
    if (withModifier) return take(event, withModifier)
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const isOnButton = event.key === 'Enter' && document.activeElement instanceof HTMLButtonElement
    if (isOnButton || (event.key === 'Delete' && entry.text.value !== '' && !isCovered.value)) return
    const action = hotkey(event.key)
    if (action) take(event, () => action(event))
    // The browser's own meaning of a function key (reload, find) must never end a sale.
    else if (/^F([1-9]|10|12)$/.test(event.key)) event.preventDefault()
  }

  return { keys, characterKey, onKey }
}
