import { afterEach, expect, test, vi } from 'vitest'
import * as api from '@/shared/api'
import { ApiError } from '@/shared/errors'
import type { Product, Scan } from '@/shared/types'
import { resumedLines } from './useResume'

const apples: Product = { id: 5, sku: '5', gtin: null, name: 'Apples', unit: 'kg', price: 250, available: 9000, on_hand: 9000, category: null, policy: 'block' }
const label: Scan = { product: apples, quantity: 1200, label_total: 300, barcode: '2100005003006', pack_unit_price: null }
const parked = [{ product_id: 5, quantity: 1500, barcode: '2100005003006' }]
const mismatch = () => new ApiError(422, 'label_mismatch', 'Line 1: scan again.', { lines: [{ line: 0, code: 'label_mismatch' }] })
afterEach(() => { vi.restoreAllMocks() })

test('a parked label whose kilogram price has changed comes back with what it weighs by that price', async () => {
  vi.spyOn(api, 'priceBasket').mockImplementation((lines) =>
    lines[0]?.quantity === 1200 ? Promise.resolve({ lines: [], total: 300, short: [] } as never) : Promise.reject(mismatch()))
  vi.spyOn(api, 'byBarcode').mockResolvedValue(label)

  const { lines, refused } = await resumedLines(parked)

  expect(lines.map((line) => [line.name, line.quantity, line.label_total])).toEqual([['Apples', 1200, 300]])
  expect(refused).toBe('')
})

test('a parked label that stands for other goods by now stays away, and it is said why', async () => {
  vi.spyOn(api, 'priceBasket').mockRejectedValue(mismatch())
  vi.spyOn(api, 'byBarcode').mockResolvedValue({ ...label, product: { ...apples, id: 6 } })

  expect(await resumedLines(parked)).toEqual({ lines: [], refused: 'Line 1: scan again.' })
})
