import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, type App } from 'vue'
import * as api from '@/shared/api'
import { ApiError } from '@/shared/errors'
import { useNoticeStore } from '@/shared/notices'
import { save } from '@/shared/storage'
import type { Payment, Product, Receipt, Scan, User } from '@/shared/types'
import { i18n } from './i18n'
import { linesOf, useCheckoutStore } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'
import { useSessionStore } from './stores/session'
import { useOwnership } from './useOwnership'
import { usePayment } from './usePayment'

const apples: Product = { id: 5, sku: '5', gtin: null, name: 'Apples', unit: 'kg', price: 200, available: 9000, on_hand: 9000, category: null, policy: 'block' }
const label: Scan = { product: apples, quantity: 1500, label_total: 300, barcode: '2100005003006', pack_unit_price: null }
const dearer: Scan = { ...label, product: { ...apples, price: 250 }, quantity: 1200 }
const cash: Payment[] = [{ tender: 'cash', amount: 300 }]
const cashier = { id: 1, username: 'c', store: { id: 1, currency: 'EUR', minor_digits: 2 }, permissions: [] } as unknown as User
const mismatch = () => new ApiError(422, 'label_mismatch', 'Line 1: scan again.', { lines: [{ line: 0, code: 'label_mismatch' }] })
const receipt = { uuid: 'u', number: '1-1' } as unknown as Receipt
let app: App
let pay: ReturnType<typeof usePayment>['pay']

function open() {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().user = cashier
  app = createApp({
    setup() {
      useOwnership(() => undefined)
      pay = usePayment(() => Promise.resolve()).pay
      return () => null
    },
  }).use(pinia).use(i18n)
  app.mount(document.createElement('div'))
  useCheckoutStore().addLines(linesOf(label, null))
}
const sold = () => vi.mocked(api.ringUp).mock.calls.map(([sale]) => sale.lines[0]?.quantity)
const said = () => useNoticeStore().items.map((notice) => notice.text)

beforeEach(() => {
  localStorage.clear()
  save('locale', 'en')
  open()
  vi.spyOn(api, 'priceBasket').mockRejectedValue(new Error('away'))
  vi.spyOn(useDialogStore(), 'open').mockImplementation((kind) => Promise.resolve(kind === 'pay' ? cash : null) as never)
})
afterEach(() => { app.unmount(); vi.restoreAllMocks() })

test('a label whose kilogram price has changed is read again and the sale goes through as it was paid', async () => {
  vi.spyOn(api, 'ringUp').mockRejectedValueOnce(mismatch()).mockResolvedValue(receipt)
  vi.spyOn(api, 'byBarcode').mockResolvedValue(dearer)

  await pay('cash')

  expect(sold()).toEqual([1500, 1200])
  expect(said()).toEqual([])
  expect(useCheckoutStore().isEmpty).toBe(true)
})

test('a label that stands for other goods by now is named, and its line is the one that Del removes', async () => {
  vi.spyOn(api, 'ringUp').mockRejectedValueOnce(mismatch())
  vi.spyOn(api, 'byBarcode').mockResolvedValue({ ...dearer, product: { ...apples, id: 6 } })
  useCheckoutStore().addProduct({ ...apples, id: 9, name: 'Milk', unit: 'piece' }, 1000)

  await pay('cash')

  expect(said()).toEqual(['The label of Apples holds no longer. Del removes its line; then weigh or scan it anew.'])
  expect(useCheckoutStore().selectedLine?.name).toBe('Apples')
  expect(sold()).toEqual([1500])
})

test('a label that cannot be looked up just now is not called dead', async () => {
  vi.spyOn(api, 'ringUp').mockRejectedValueOnce(mismatch())
  vi.spyOn(api, 'byBarcode').mockRejectedValue(new Error('away'))

  await pay('cash')

  expect(said()).toEqual(['Apples · Line 1: scan again.'])
  expect(useCheckoutStore().lines[0]?.quantity).toBe(1500)
})

test('the other goods get their new prices though a label no longer fits', async () => {
  const priced = { product_id: 9, name: 'Milk', unit: 'piece', unit_price: 199, available: 3000, quantity: 1000, total: 199, barcode: null }
  vi.mocked(api.priceBasket).mockRejectedValueOnce(mismatch()).mockResolvedValue({ lines: [priced], total: 499, short: [] } as never)
  vi.spyOn(api, 'byBarcode').mockResolvedValue(dearer)
  vi.mocked(useDialogStore().open).mockImplementation(async (kind) => {
    if (kind === 'pay') await new Promise((resolve) => setTimeout(resolve, 5))
    return null as never
  })
  useCheckoutStore().addProduct({ ...apples, id: 9, name: 'Milk', unit: 'piece', price: 129 }, 1000)

  await pay('cash')

  expect(useCheckoutStore().lines.map((line) => [line.quantity, line.price])).toEqual([[1200, 250], [1000, 199]])
})
