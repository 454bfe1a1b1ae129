import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, ref, type App } from 'vue'
import type { BasketLine } from './basketLines'
import { useCheckoutStore } from './stores/checkout'
import { useHotkeys, type Hotkeys } from './useHotkeys'
import { useTillKeys, type TillKeysOptions } from './useTillKeys'

const nothing = () => {}
let app: App

/** What the till makes of a key; `above` are the keys of a dialog over it. */
function press(event: KeyboardEvent, actions: object, above: Hotkeys | null) {
  const options = { actions, pay: async () => {}, field: () => null, isCovered: ref(above !== null), switchLanguage: nothing, toggleTheme: nothing, signOut: nothing }
  let till: ReturnType<typeof useTillKeys> | undefined
  app = createApp({
    setup() {
      till = useTillKeys(options as unknown as TillKeysOptions)
      if (above) useHotkeys(above)
      return () => null
    },
  })
  app.mount(document.createElement('div'))
  till?.onKey(event)
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})
afterEach(() => app.unmount())

test.each(['F1', 'F5', 'F10', 'F12'])('%s under a dialog that knows no such key is not left to the browser', (key) => {
  const event = new KeyboardEvent('keydown', { key, cancelable: true })

  press(event, {}, { Escape: nothing })

  expect(event.defaultPrevented).toBe(true)
})

test.each([[false, 1], [true, 2]])('Delete, held: %s, leaves %i of two lines', (repeat, left) => {
  const checkout = useCheckoutStore()
  checkout.take([1, 2].map((id) => ({ key: `p${id}`, quantity: 1000 }) as BasketLine))

  press(new KeyboardEvent('keydown', { key: 'Delete', repeat, cancelable: true }), { voidLine: () => checkout.voidLine('p1') }, null)

  expect(checkout.lines).toHaveLength(left)
})
