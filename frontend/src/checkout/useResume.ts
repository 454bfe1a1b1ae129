import * as api from '@/shared/api'
import type { LineRequest, PricedLine, Scan } from '@/shared/types'
import { lineOfScan, type BasketLine } from './basketLines'
import { uuid4 } from '@/shared/uuid'

/** Lines of a parked basket as this till shows them: names and prices are today's, packs and labels are read anew. */
export async function resumedLines(lines: LineRequest[]): Promise<BasketLine[]> {
  const priced = await api.priceBasket(lines)
  return Promise.all(priced.lines.map(rebuilt))
}

async function rebuilt(line: PricedLine): Promise<BasketLine> {
  const scan = line.barcode ? await api.byBarcode(line.barcode) : scanOf(line)
  const made = lineOfScan(scan, line.quantity, `l${uuid4()}`)
  return { ...made, available: line.available, server_total: { quantity: line.quantity, total: line.total } }
}

function scanOf(line: PricedLine): Scan {
  const product = {
    id: line.product_id,
    sku: '',
    gtin: null,
    name: line.name,
    unit: line.unit,
    price: line.unit_price,
    available: line.available,
    on_hand: line.available,
    category: null,
    policy: 'block' as const,
  }
  return { product, quantity: line.unit === 'kg' ? null : 1000, label_total: null, barcode: '', pack_unit_price: null }
}

