import { MOST_QUANTITY } from '@/shared/parse'
import type { LineRequest, LiveChange, PricedLine, Product, Scan, ShortLine, Unit } from '@/shared/types'

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
}

/** Half a minor unit rounds up, as at the server. */
export function timesPrice(price: number, thousandths: number): number {
  return Math.floor((price * thousandths + 500) / 1000)
}

function priced(line: BasketLine, quantity: number): number {
  if (line.label_total !== null) return line.label_total
  if (line.pack_price !== null && line.pack_quantity) return Math.round((line.pack_price * quantity) / line.pack_quantity)
  return timesPrice(line.price, quantity)
}

/** The id of a line on the page. */
export function lineId(line: BasketLine | null): string | undefined {
  return line ? `line-${line.key}` : undefined
}

export function lineTotal(line: BasketLine): number {
  return priced(line, line.quantity)
}

/** Lines the server prices as one, and so rounds once: same goods at the same price; printed totals stay apart. */
function priceKey(line: BasketLine): string {
  if (line.label_total !== null) return line.key
  return line.pack_price === null ? `p${line.product_id}` : `c${line.product_id}:${line.barcode}`
}

export function basketTotal(lines: readonly BasketLine[]): number {
  const groups = new Map<string, { line: BasketLine; quantity: number }>()
  for (const line of lines) {
    const quantity = (groups.get(priceKey(line))?.quantity ?? 0) + line.quantity
    groups.set(priceKey(line), { line, quantity })
  }
  return [...groups.values()].reduce((sum, group) => sum + priced(group.line, group.quantity), 0)
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
  }
}

/** The line of a product chosen without a scan that says more. */
export function lineOfProduct(product: Product, quantity: number): BasketLine {
  return newLine(product, quantity, `p${product.id}`)
}

/** A carton without a price of its own is just so many pieces. */
function isPack(scan: Scan): boolean {
  return scan.product.unit === 'piece' && scan.pack_unit_price !== null
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

/** Takes over the server's prices; a pack is found again by its code. */
export function applyPrices(lines: BasketLine[], news: readonly PricedLine[]): void {
  for (const line of lines) {
    const same = news.find((other) => other.product_id === line.product_id)
    if (!same) continue
    line.available = same.available
    line.price = same.unit_price
    const pack = news.find((other) => other.product_id === line.product_id && other.barcode === line.barcode)
    if (pack && line.pack_price !== null) line.pack_price = Math.round((pack.total * (line.pack_quantity ?? 0)) / pack.quantity)
  }
}

/** Takes over live stock and prices. */
export function applyAvailability(lines: BasketLine[], news: readonly LiveChange[]): void {
  for (const line of lines) {
    const found = news.find((item) => item.product_id === line.product_id)
    if (found) Object.assign(line, { available: found.available ?? line.available, price: found.price })
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

/** The first of `more` that would make its line longer than a till may sell at once, or none. */
export function overLimit(lines: readonly BasketLine[], more: readonly BasketLine[]): BasketLine | null {
  const inBasket = (key: string) => lines.find((line) => line.key === key)?.quantity ?? 0
  return more.find((line) => inBasket(line.key) + line.quantity > MOST_QUANTITY) ?? null
}

export type StockState = 'fine' | 'low' | 'short'
const LOW_LEFT = 5000

/** How the shelf stands once this basket is paid; several lines of one product count together. */
export function stockState(lines: readonly BasketLine[], line: BasketLine): StockState {
  const wanted = lines.filter((other) => other.product_id === line.product_id).reduce((sum, other) => sum + other.quantity, 0)
  if (wanted > line.available) return 'short'
  return line.available - wanted < LOW_LEFT ? 'low' : 'fine'
}
