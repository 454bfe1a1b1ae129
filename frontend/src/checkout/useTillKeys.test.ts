import { createPinia } from 'pinia'
import { afterEach, expect, test } from 'vitest'
import { createApp, ref, type App } from 'vue'
import { useHotkeys } from './useHotkeys'
import { useTillKeys, type TillKeysOptions } from './useTillKeys'

let app: App
afterEach(() => app.unmount())

test.each(['F1', 'F5', 'F10', 'F12'])('%s under a dialog that knows no such key is not left to the browser', (key) => {
  const nothing = () => {}
  const options = { actions: {}, pay: async () => {}, field: () => null, isCovered: ref(true), switchLanguage: nothing, toggleTheme: nothing, signOut: nothing }
  let till: ReturnType<typeof useTillKeys> | undefined
  app = createApp({
    setup() {
      till = useTillKeys(options as unknown as TillKeysOptions)
      useHotkeys({ Escape: nothing })
      return () => null
    },
  }).use(createPinia())
  app.mount(document.createElement('div'))
  const event = new KeyboardEvent('keydown', { key, cancelable: true })

  till?.onKey(event)

  expect(event.defaultPrevented).toBe(true)
})
