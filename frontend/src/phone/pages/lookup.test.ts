import { createPinia, setActivePinia } from 'pinia'
import { createApp } from 'vue'
import { beforeEach, afterEach, expect, test, vi } from 'vitest'
import { ApiError } from '@/shared/errors'
import { i18n } from '../i18n'
import { useSessionStore } from '../stores/session'
import type { StoreStock } from '../types'
import { codeTaker } from '../useCodes'
import LookupPage from './LookupPage.vue'

const server = vi.hoisted(() => ({ stock: vi.fn(), byBarcode: vi.fn() }))
vi.mock('../api', () => ({ stock: server.stock }))
vi.mock('@/shared/api', () => ({ byBarcode: server.byBarcode, searchProducts: vi.fn(), session: vi.fn(), setApiLocale: vi.fn() }))
vi.mock('@/shared/sound', () => ({ beep: vi.fn() }))

const milk = { id: 1, name: 'Milk', sku: '10', gtin: '111', unit: 'piece', category: 'Food', price: 100 }
const shop: StoreStock = { code: 'S1', name: 'Shop', on_hand: 26_000, reserved: 0, available: 26_000, safety_stock: 2000, is_being_counted: false }
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const text = () => document.body.textContent ?? ''
let close: () => void

async function scan(code: string, store: StoreStock = shop) {
  server.stock.mockResolvedValue({ product_id: 1, price: 100, on_order: 0, expected_on: null, stores: [store] })
  codeTaker()?.take(code)
  await settled()
  await settled()
}

beforeEach(() => {
  document.body.innerHTML = ''
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().holder = { id: 7, permissions: [], store: { name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2 } }
  server.byBarcode.mockImplementation((code: string) => (code === '111' ? Promise.resolve({ product: milk }) : Promise.reject(new ApiError(404, 'unknown_barcode', 'No product has this code.', {}))))
  const app = createApp(LookupPage).use(pinia).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
})
afterEach(() => close())

test('the product before is gone when the code after it is unknown', async () => {
  await scan('111')
  const before = text()

  await scan('999')

  expect(before).toContain('Milk')
  expect(text()).toContain('No product has this code.')
  expect(text()).not.toContain('Milk')
})

test('a product that is being counted shows no figure of the books', async () => {
  await scan('111', { ...shop, on_hand: null, reserved: null, available: null, is_being_counted: true })

  expect(document.querySelector('[data-testid="being-counted"]')?.textContent).toContain('Being counted')
  expect(document.querySelector('.store dl')).toBeNull()
  expect(document.querySelector('[data-testid="price"]')?.textContent).toContain('1.00')
})
