import { computed, ref, type Ref } from 'vue'
import type { Hotkeys } from './useHotkeys'

/** One of a list by arrow keys; Enter takes it. */
export function useChoice<T>(items: Ref<readonly T[]>, take: (item: T) => void) {
  const wanted = ref(0)
  const index = computed(() => Math.min(wanted.value, Math.max(items.value.length - 1, 0)))
  const current = computed(() => items.value[index.value] ?? null)

  function move(step: number) {
    wanted.value = Math.min(Math.max(index.value + step, 0), Math.max(items.value.length - 1, 0))
  }
  function enter() {
    if (current.value !== null) take(current.value)
  }
  const keys: Hotkeys = {
    ArrowUp: () => move(-1),
    ArrowDown: () => move(1),
    PageUp: () => move(-8),
    PageDown: () => move(8),
    Enter: enter,
  }
  return { index, current, keys, first: () => { wanted.value = 0 } }
}
