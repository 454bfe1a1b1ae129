import { onBeforeUnmount, onMounted } from 'vue'

export type Hotkeys = Record<string, (event?: KeyboardEvent) => void>

const stack: Hotkeys[] = []

/** Keys of a page or dialog while it is shown; the one opened last has the say. Names are `KeyboardEvent.key`. */
export function useHotkeys(keys: Hotkeys): void {
  onMounted(() => stack.push(keys))
  onBeforeUnmount(() => { stack.splice(stack.indexOf(keys), 1) })
}

/** Keys of one part of a dialog, beside the dialog's own. */
export function useExtraHotkeys(keys: Hotkeys): void {
  let host: Hotkeys | undefined
  onMounted(() => {
    host = stack.at(-1)
    if (host) Object.assign(host, keys)
  })
  onBeforeUnmount(() => {
    for (const key of Object.keys(keys)) if (host && host[key] === keys[key]) Reflect.deleteProperty(host, key)
  })
}

export function hotkey(key: string): Hotkeys[string] | undefined {
  return stack.at(-1)?.[key]
}
