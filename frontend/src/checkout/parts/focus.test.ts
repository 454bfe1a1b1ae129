import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, type App, type Component } from 'vue'
import { i18n } from '../i18n'
import type { Product, User } from '@/shared/types'
import WeightDialog from '../dialogs/WeightDialog.vue'
import { useCounterStore } from '../stores/counter'
import { useSessionStore } from '../stores/session'
import EntryField from './EntryField.vue'
import TopBar from './TopBar.vue'

const cashier = { username: 'c', permissions: ['open_drawer'], store: { name: 'S', currency: 'EUR', minor_digits: 2 } } as unknown as User
const apples = { id: 1, name: 'Apples', unit: 'kg', price: 200 } as Product
let app: App
let host: HTMLElement

function show(part: Component, props: object = {}) {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().user = cashier
  useCounterStore().here = { printer: { name: 'P', has_drawer: true, is_automatic: true }, has_scale: true, waiting: 0, perhaps: 0 }
  app = createApp(part, { ...props }).use(pinia).use(i18n)
  app.mount(host)
}

beforeEach(() => {
  host = document.body.appendChild(document.createElement('div'))
})
afterEach(() => {
  app.unmount()
  host.remove()
})

test.each([
  ['the camera', EntryField, {}, '.entry-camera'],
  ['the drawer', TopBar, {}, '.top-tools button'],
  ['the scale', WeightDialog, { product: apples }, 'form button[type="button"]'],
])('a click on %s leaves the focus where it is: Enter must not press it again', (_name, part, props, button) => {
  show(part, props)
  const press = new MouseEvent('mousedown', { bubbles: true, cancelable: true })

  host.querySelector(button)?.dispatchEvent(press)

  expect(press.defaultPrevented).toBe(true)
})
