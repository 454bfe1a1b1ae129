import { expect, test } from 'vitest'
import type { Product, Scan } from '@/shared/types'
import * as rules from './basketLines'

const milk: Product = { id: 1, sku: '1001', gtin: '4006381333931', name: 'Milk', unit: 'piece', price: 129, available: 40000, on_hand: 40000, category: null, policy: 'block' }
const gouda: Product = { ...milk, id: 6, name: 'Gouda', unit: 'kg', price: 1290, available: 8000 }
const scanOf = (product: Product, more: Partial<Scan> = {}): Scan => ({ product, quantity: 1000, label_total: null, barcode: 'b', pack_unit_price: null, ...more })
const carton = scanOf(milk, { quantity: 12000, pack_unit_price: 1400, barcode: '14006381333938' })

test('a weighed line is rounded half up to the cent', () => {
  expect(rules.timesPrice(189, 450)).toBe(85)
  expect(rules.timesPrice(1, 500)).toBe(1)
  expect(rules.timesPrice(1, 499)).toBe(0)
})

test('the same product scanned twice is one line of two', () => {
  const lines: rules.BasketLine[] = []

  for (let i = 0; i < 2; i++) rules.addLine(lines, rules.lineOfScan(scanOf(milk), 1000, 'l'))

  expect(lines.map((line) => [line.key, line.quantity])).toEqual([['p1', 2000]])
})

test('a carton is a line of its own at the price of the pack', () => {
  const lines = [rules.lineOfScan(scanOf(milk), 1000, 'l'), rules.lineOfScan(carton, 24000, 'l')]

  expect(lines.map(rules.lineTotal)).toEqual([129, 2800])
  expect(rules.toRequest(lines[1] as rules.BasketLine)).toEqual({ product_id: 1, quantity: 24000, barcode: '14006381333938' })
})

test('a shop label keeps its printed total and never merges', () => {
  const label = scanOf(gouda, { quantity: 323, label_total: 417, barcode: '2100006041708' })
  const lines: rules.BasketLine[] = []

  rules.addLine(lines, rules.lineOfScan(label, 323, 'l1'))
  rules.addLine(lines, rules.lineOfScan(label, 323, 'l2'))

  expect(lines.map(rules.lineTotal)).toEqual([417, 417])
})

test('a changed shelf price counts at once', () => {
  const lines = [rules.lineOfProduct(milk, 2000)]
  rules.applyPrices(lines, [{ product_id: 1, name: 'Milk', unit: 'piece', quantity: 2000, unit_price: 129, total: 258, available: 40000, barcode: null }])

  rules.applyAvailability(lines, [{ product_id: 1, available: 7000, price: 149 }])

  expect(rules.basketTotal(lines)).toBe(298)
  expect(lines[0]?.available).toBe(7000)
})

test('the total the server named holds only for the quantity it named it for', () => {
  const lines = [rules.lineOfProduct(milk, 2000)]
  rules.applyPrices(lines, [{ product_id: 1, name: 'Milk', unit: 'piece', quantity: 2000, unit_price: 129, total: 250, available: 40000, barcode: null }])
  expect(rules.basketTotal(lines)).toBe(250)

  for (const line of lines) line.quantity = 3000

  expect(rules.basketTotal(lines)).toBe(387)
})

test('a short basket is cut to whole packs and whole pieces, and empty lines go', () => {
  const lines = [rules.lineOfScan(carton, 24000, 'l'), rules.lineOfProduct(milk, 5000), rules.lineOfProduct(gouda, 9000)]
  const short = [{ product_id: 1, name: 'Milk', wanted: 29000, available: 14500, policy: 'block' as const }, { product_id: 6, name: 'Gouda', wanted: 9000, available: -100, policy: 'block' as const }]

  const left = rules.limitToAvailable(lines, short)

  expect(left.map((line) => [line.key, line.quantity])).toEqual([['c1:14006381333938', 12000], ['p1', 2000]])
})

test('a label that does not fit any more goes whole', () => {
  const line = rules.lineOfScan(scanOf(gouda, { quantity: 323, label_total: 417 }), 323, 'l1')

  expect(rules.limitToAvailable([line], [{ product_id: 6, name: 'Gouda', wanted: 323, available: 300, policy: 'block' }])).toEqual([])
})

test.each([[40000, 'fine'], [5999, 'low'], [1000, 'low'], [999, 'short']] as const)('with %i available a single piece stands %s', (available, state) => {
  const line = rules.lineOfProduct({ ...milk, available }, 1000)

  expect(rules.stockState([line], line)).toBe(state)
})
