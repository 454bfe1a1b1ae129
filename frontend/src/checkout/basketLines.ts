import type { Availability, LineRequest, PricedLine, Product, Scan, ShortLine, Unit } from '@/shared/types'

/** plain: by product · pack: a carton code worth several · label: an in-store label whose price or weight is printed */
export type LineKind = 'plain' | 'pack' | 'label'

export interface BasketLine {
  key: string
  kind: LineKind
  product_id: number
  name: string
  sku: string
  unit: Unit
  quantity: number
  /** Per piece or kilogram. */
  price: number
  available: number
  barcode: string | null
  pack_quantity: number | null
  pack_price: number | null
  /** Printed total of a label. */
  label_total: number | null
  /** What the server made of exactly this quantity, when it has said so. */
  server_total: { quantity: number; total: number } | null
}

/** Half a minor unit rounds up, as at the server. */
export function timesPrice(price: number, thousandths: number): number {
  return Math.floor((price * thousandths + 500) / 1000)
}

export function lineTotal(line: BasketLine): number {
  if (line.server_total?.quantity === line.quantity) return line.server_total.total
  if (line.label_total !== null) return line.label_total
  if (line.pack_price !== null && line.pack_quantity) return Math.round((line.pack_price * line.quantity) / line.pack_quantity)
  return timesPrice(line.price, line.quantity)
}

export function basketTotal(lines: readonly BasketLine[]): number {
  return lines.reduce((sum, line) => sum + lineTotal(line), 0)
}

function newLine(product: Product, quantity: number, key: string): BasketLine {
  return {
    key,
    kind: 'plain',
    product_id: product.id,
    name: product.name,
    sku: product.sku,
    unit: product.unit,
    quantity,
    price: product.price,
    available: product.available,
    barcode: null,
    pack_quantity: null,
    pack_price: null,
    label_total: null,
    server_total: null,
  }
}

/** The line of a product chosen without a scan that says more. */
export function lineOfProduct(product: Product, quantity: number): BasketLine {
  return newLine(product, quantity, `p${product.id}`)
}

function isPack(scan: Scan): boolean {
  return scan.product.unit === 'piece' && scan.quantity !== null && (scan.quantity !== 1000 || scan.pack_unit_price !== null)
}

/** The line of a scan; `key` must be new for a label, since two labels are two packages. */
export function lineOfScan(scan: Scan, quantity: number, labelKey: string): BasketLine {
  const { product, barcode } = scan
  if (scan.label_total !== null || (product.unit === 'kg' && scan.quantity !== null)) {
    return { ...newLine(product, quantity, labelKey), kind: 'label', barcode, label_total: scan.label_total }
  }
  if (!isPack(scan)) return lineOfProduct(product, quantity)
  const packs = { kind: 'pack' as const, barcode, pack_quantity: scan.quantity, pack_price: scan.pack_unit_price }
  return { ...newLine(product, quantity, `c${product.id}:${barcode}`), ...packs }
}

/** Adds to the line of the same goods, or appends; answers the key of the line touched. */
export function addLine(lines: BasketLine[], line: BasketLine): string {
  const same = lines.find((other) => other.key === line.key)
  if (same) {
    Object.assign(same, { quantity: same.quantity + line.quantity, price: line.price, available: line.available })
  } else {
    lines.push(line)
  }
  return line.key
}

export function toRequest(line: BasketLine): LineRequest {
  const sent = { product_id: line.product_id, quantity: line.quantity }
  return line.barcode === null ? sent : { ...sent, barcode: line.barcode }
}

/** Takes over the server's prices; lines are matched by product and barcode. */
export function applyPrices(lines: BasketLine[], priced: readonly PricedLine[]): void {
  for (const line of lines) {
    const same = priced.find(
      (other) =>
        other.product_id === line.product_id && other.quantity === line.quantity && (other.barcode ?? null) === line.barcode,
    )
    if (!same) continue
    line.available = same.available
    if (line.kind === 'plain') line.price = same.unit_price
    line.server_total = { quantity: same.quantity, total: same.total }
  }
}

/** Takes over live stock and prices; a changed price drops what the server said before. */
export function applyAvailability(lines: BasketLine[], news: readonly Availability[]): void {
  for (const line of lines) {
    const found = news.find((item) => item.product_id === line.product_id)
    if (!found) continue
    line.available = found.available
    if (line.price === found.price) continue
    line.price = found.price
    if (line.kind === 'plain') line.server_total = null
  }
}

function sellable(line: BasketLine, available: number): number {
  if (line.kind === 'label') return available >= line.quantity ? line.quantity : 0
  const step = line.unit === 'kg' ? 1 : (line.pack_quantity ?? 1000)
  return Math.min(line.quantity, Math.floor(Math.max(available, 0) / step) * step)
}

/** Cuts every short product down to what is available, the last lines first losing; empty lines go. */
export function limitToAvailable(lines: readonly BasketLine[], short: readonly ShortLine[]): BasketLine[] {
  const left = new Map(short.map((line) => [line.product_id, Math.max(line.available, 0)]))
  const cut = lines.map((line) => {
    const available = left.get(line.product_id)
    if (available === undefined) return line
    const quantity = sellable(line, available)
    left.set(line.product_id, available - quantity)
    return { ...line, quantity }
  })
  return cut.filter((line) => line.quantity > 0)
}

export type StockState = 'fine' | 'low' | 'short'
const LOW_LEFT = 5000

/** How the shelf stands once this basket is paid; several lines of one product count together. */
export function stockState(lines: readonly BasketLine[], line: BasketLine): StockState {
  const wanted = lines.filter((other) => other.product_id === line.product_id).reduce((sum, other) => sum + other.quantity, 0)
  if (wanted > line.available) return 'short'
  return line.available - wanted < LOW_LEFT ? 'low' : 'fine'
}
