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

const pricedMilk = { product_id: 1, name: 'Milk', unit: 'piece', quantity: 2000, unit_price: 149, total: 298, available: 7000, barcode: null } as const

test('a changed shelf price counts at once', () => {
  const lines = [rules.lineOfProduct(milk, 2000)]

  rules.applyAvailability(lines, [{ product_id: 1, available: 7000, price: 149 }])

  expect(rules.basketTotal(lines)).toBe(298)
  expect(lines[0]?.available).toBe(7000)
})

test('the prices of a refusal are taken over for pieces and packs', () => {
  const lines = [rules.lineOfProduct(milk, 2000), rules.lineOfScan(carton, 24000, 'l')]

  rules.applyPrices(lines, [pricedMilk, { ...pricedMilk, quantity: 24000, total: 3000, barcode: '14006381333938' }])

  expect(lines.map(rules.lineTotal)).toEqual([298, 3000])
})

test('weighed packages of the same goods are rounded together, as the server does', () => {
  const label = scanOf(gouda, { quantity: 101 })
  const lines = [rules.lineOfScan(label, 101, 'l1'), rules.lineOfScan(label, 101, 'l2'), rules.lineOfScan(label, 101, 'l3')]

  expect(lines.map(rules.lineTotal)).toEqual([130, 130, 130])
  expect(rules.basketTotal(lines)).toBe(391)
})

test('a carton without a price of its own is so many pieces', () => {
  const line = rules.lineOfScan(scanOf(milk, { quantity: 12000, barcode: '14006381333938' }), 12000, 'l')

  expect([line.key, rules.toRequest(line)]).toEqual(['p1', { product_id: 1, quantity: 12000 }])
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

test.each([[998_000, 1000, null], [998_000, 2000, 'Milk'], [0, 999_000, null], [0, 1_000_000, 'Milk']])('with %i in the basket, %i more is over the limit of: %s', (held, more, name) => {
  const basket = held ? [rules.lineOfProduct(milk, held)] : []

  expect(rules.overLimit(basket, [rules.lineOfProduct(milk, more)])?.name ?? null).toBe(name)
})
