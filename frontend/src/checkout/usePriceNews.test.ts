import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, nextTick, type App } from 'vue'
import { useNoticeStore } from '@/shared/notices'
import type { Product } from '@/shared/types'
import { i18n } from './i18n'
import { linesOf, useCheckoutStore } from './stores/checkout'
import { usePriceNews } from './usePriceNews'

const milk: Product = { id: 1, sku: '1', gtin: null, name: 'Milk', unit: 'piece', price: 129, available: 9000, on_hand: 9000, category: null, policy: 'block' }
const news = (price: number) => [{ product_id: 1, available: 8000, price }]
let app: App

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
  app = createApp({ setup: () => { usePriceNews(); return () => null } }).use(i18n)
  app.mount(document.createElement('div'))
})
afterEach(() => app.unmount())

test('another price of goods in the basket is said with the old one', async () => {
  const checkout = useCheckoutStore()
  checkout.addProduct(milk, 1000)
  await nextTick()

  checkout.applyAvailability(news(135))
  await nextTick()

  expect(useNoticeStore().items.map((notice) => notice.text)).toEqual(['New price of Milk: €1.35 instead of €1.29'])
})

test('other stock at the same price and a new basket at another price are no news', async () => {
  const checkout = useCheckoutStore()
  checkout.addProduct(milk, 1000)
  await nextTick()

  checkout.applyAvailability(news(129))
  await nextTick()
  checkout.startNew()
  await nextTick()
  checkout.addProduct({ ...milk, price: 135 }, 1000)
  await nextTick()

  expect(useNoticeStore().items).toEqual([])
})

test('the price printed on a label stays: a new price per kilogram is no news', async () => {
  const checkout = useCheckoutStore()
  const apples = { ...milk, unit: 'kg' as const }
  checkout.addLines(linesOf({ product: apples, quantity: 1500, label_total: 300, barcode: '2100005003006', pack_unit_price: null }, null))
  await nextTick()

  checkout.applyAvailability(news(135))
  await nextTick()

  expect(useNoticeStore().items).toEqual([])
})
