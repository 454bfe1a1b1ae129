import * as api from '@/shared/api'
import { ApiError, detailLines } from '@/shared/errors'
import type { LineRequest, PricedLine, Product } from '@/shared/types'
import { uuid4 } from '@/shared/uuid'
import { lineOfProduct, lineOfScan, type BasketLine } from './basketLines'
import { isLabelFault } from './useLabels'

export interface Resumed {
  lines: BasketLine[]
  /** Why some lines could not come back, or nothing. */
  refused: string
}

/** Lines of a parked basket as this till shows them: names and prices are today's, packs and labels are read anew. */
export async function resumedLines(parked: LineRequest[]): Promise<Resumed> {
  const { kept, priced, refused } = await sellable(parked)
  return { lines: await Promise.all(kept.map((line) => rebuilt(line, priced))), refused }
}

/** Leaves out what the server will not sell any more (archived meanwhile), instead of losing the whole basket. */
async function sellable(parked: LineRequest[]): Promise<{ kept: LineRequest[]; priced: PricedLine[]; refused: string }> {
  try {
    return { kept: parked, priced: (await api.priceBasket(parked)).lines, refused: '' }
  } catch (error) {
    if (isLabelFault(error)) {
      const reread = await Promise.all(parked.map(readAgain))
      if (reread.some((line, place) => line !== parked[place])) return sellable(reread)
    }
    const bad = error instanceof ApiError ? detailLines<{ line: number }>(error).map(({ line }) => line) : []
    const kept = parked.filter((_, place) => !bad.includes(place))
    if (!(error instanceof ApiError) || kept.length === parked.length) throw error
    const priced = kept.length ? (await api.priceBasket(kept)).lines : []
    return { kept, priced, refused: error.message }
  }
}

/** The weight behind a printed price follows the price per kilogram; cartons are as many as they were. */
async function readAgain(line: LineRequest): Promise<LineRequest> {
  const scan = line.barcode ? await api.byBarcode(line.barcode).catch(() => null) : null
  const isChanged = typeof scan?.label_total === 'number' && scan.product.id === line.product_id && scan.quantity !== line.quantity
  return isChanged && scan.quantity !== null ? { ...line, quantity: scan.quantity } : line
}

async function rebuilt(line: LineRequest, priced: readonly PricedLine[]): Promise<BasketLine> {
  if (!line.barcode) return lineOfProduct(productOf(line, priced), line.quantity)
  const scan = await api.byBarcode(line.barcode)
  const isLabel = scan.pack_unit_price === null && scan.quantity !== null
  return lineOfScan(scan, isLabel ? (scan.quantity ?? line.quantity) : line.quantity, `l${uuid4()}`)
}

function productOf(line: LineRequest, priced: readonly PricedLine[]): Product {
  const known = priced.find((other) => other.product_id === line.product_id)
  return {
    id: line.product_id,
    sku: '',
    gtin: null,
    name: known?.name ?? String(line.product_id),
    unit: known?.unit ?? 'piece',
    price: known?.unit_price ?? 0,
    available: known?.available ?? 0,
    on_hand: known?.available ?? 0,
    category: null,
    policy: 'block',
  }
}
