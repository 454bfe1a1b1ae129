import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Product, Receipt, SaleRequest } from '@/shared/types'
import { lineOfProduct } from '../basketLines'
import { linesOf, useCheckoutStore } from './checkout'

const milk: Product = { id: 1, sku: '1001', gtin: null, name: 'Milk', unit: 'piece', price: 129, available: 40000, on_hand: 40000, category: null, policy: 'block' }
const gouda: Product = { ...milk, id: 6, unit: 'kg', price: 1290 }

/** What another page load would find. */
function reloaded() {
  setActivePinia(createPinia())
  return useCheckoutStore()
}
function payload(uuid: string): SaleRequest {
  return { uuid, till: 'T1', lines: [{ product_id: 1, quantity: 1000 }], payments: [{ tender: 'cash', amount: 129 }], expected_total: 129 }
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

test('a reload finds basket, uuid and selection as they were', () => {
  const before = useCheckoutStore()
  before.addProduct(milk, 2000)
  before.addProduct(gouda, 450)

  const after = reloaded()

  expect(after.uuid).toBe(before.uuid)
  expect(after.lines).toEqual(before.lines)
  expect(after.total).toBe(258 + 581)
  expect(after.selected).toBe('p6')
})

test('scans not yet looked up survive a reload in their order', () => {
  const before = useCheckoutStore()
  for (const code of ['a', 'b', 'c']) before.enqueue({ code, times: null })
  before.settleScan([lineOfProduct(milk, 1000)])

  const after = reloaded()

  expect(after.queue.map(({ code }) => code)).toEqual(['b', 'c'])
  expect(after.lines.map(({ quantity }) => quantity)).toEqual([1000])
})

test('a payment on its way survives a reload unchanged', () => {
  const before = useCheckoutStore()
  before.addProduct(milk, 1000)
  const sent = payload(before.uuid)

  expect(before.begin({ kind: 'sale', payload: sent })).toBe(true)

  expect(reloaded().pending).toEqual({ kind: 'sale', payload: sent })
})

test('without room in the browser no payment begins', () => {
  const store = useCheckoutStore()
  vi.stubGlobal('localStorage', { setItem: () => { throw new DOMException('full', 'QuotaExceededError') } })

  expect(store.begin({ kind: 'sale', payload: payload(store.uuid) })).toBe(false)
  expect(store.pending).toBeNull()
})

test('a refusal keeps basket and uuid', () => {
  const store = useCheckoutStore()
  store.addProduct(milk, 1000)
  const { uuid } = store
  store.begin({ kind: 'sale', payload: payload(uuid) })

  store.refused()

  expect([store.uuid, store.lines.length, store.pending]).toEqual([uuid, 1, null])
})

test('a finished sale starts an empty basket under a new uuid', () => {
  const store = useCheckoutStore()
  store.addProduct(milk, 1000)
  const { uuid } = store

  store.startNew()

  expect(store.uuid).not.toBe(uuid)
  expect([store.lines, store.pending, store.selected]).toEqual([[], null, null])
})

test('what another window sent does not blend into an older payload', () => {
  const store = useCheckoutStore()
  store.begin({ kind: 'sale', payload: { ...payload(store.uuid), goods_in_hand: {} } })
  const other = reloaded()
  other.begin({ kind: 'sale', payload: payload(other.uuid) })

  store.reload()

  expect(store.pending).toEqual({ kind: 'sale', payload: payload(other.uuid) })
})

test('voiding a line selects its neighbour', () => {
  const store = useCheckoutStore()
  store.addProduct(milk, 1000)
  store.addProduct(gouda, 450)

  store.voidLine('p6')

  expect(store.selected).toBe('p1')
})

test('arrow keys stop at both ends', () => {
  const store = useCheckoutStore()
  store.addProduct(milk, 1000)
  store.addProduct(gouda, 450)

  store.select(1)
  expect(store.selected).toBe('p6')
  store.select(-1)
  store.select(-1)
  expect(store.selected).toBe('p1')
})

test('a multiplied label is that many packages', () => {
  const scan = { product: gouda, quantity: 323, label_total: 417, barcode: '2100006041708', pack_unit_price: null }

  const lines = linesOf(scan, 3000)

  expect(lines.map((line) => [line.quantity, line.label_total])).toEqual([[323, 417], [323, 417], [323, 417]])
  expect(new Set(lines.map((line) => line.key)).size).toBe(3)
})

test('the receipt on the screen survives a reload until it has been seen', () => {
  const store = useCheckoutStore()
  store.addProduct(milk, 1000)
  store.finish({ number: 'S1-00000001', change: 371 } as Receipt)

  const after = reloaded()

  expect([after.receipt?.change, after.lines.length]).toEqual([371, 0])
  after.receiptSeen()
  expect(reloaded().receipt).toBeNull()
})
