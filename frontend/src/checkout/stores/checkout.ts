import { defineStore } from 'pinia'
import { load, save } from '@/shared/storage'
import type { LineRequest, LiveChange, PricedLine, Product, Receipt, RefundRequest, SaleRequest, Scan, ShortLine } from '@/shared/types'
import { uuid4 } from '@/shared/uuid'
import * as rules from '../basketLines'

export interface QueuedScan {
  code: string
  /** Thousandths to multiply by, as typed before the scan. */
  times: number | null
}

/** A write whose answer is not known yet: sent again, unchanged, until one is. */
export type Pending =
  | { kind: 'sale'; payload: SaleRequest }
  | { kind: 'refund'; sale_uuid: string; payload: RefundRequest }

interface State {
  uuid: string
  lines: rules.BasketLine[]
  selected: string | null
  queue: QueuedScan[]
  pending: Pending | null
  /** The receipt on the screen: the change must still be there after a crash. */
  receipt: Receipt | null
}

const SLOT = 'checkout.v1'

function restored(): State {
  const fresh: State = { uuid: uuid4(), lines: [], selected: null, queue: [], pending: null, receipt: null }
  const kept = load(SLOT) as Partial<State> | null
  return kept && typeof kept.uuid === 'string' && Array.isArray(kept.lines) ? { ...fresh, ...kept } : fresh
}

/** Everything a crash must not lose, in one document: basket, scans still to look up, and the unanswered payment. */
export const useCheckoutStore = defineStore('checkout', {
  state: restored,
  getters: {
    total: (state) => rules.basketTotal(state.lines),
    requestLines: (state): LineRequest[] => state.lines.map(rules.toRequest),
    isEmpty: (state) => state.lines.length === 0,
    selectedLine: (state) => state.lines.find((line) => line.key === state.selected) ?? null,
    productIds: (state) => [...new Set(state.lines.map((line) => line.product_id))],
  },
  actions: {
    /** Writes the document; false when the browser refuses, which must stop a payment. */
    persist(): boolean {
      return save(SLOT, this.$state)
    },
    /** Takes over what another window of this till has written. */
    reload() {
      // A plain object would be merged into the old payload instead of replacing it.
      this.$patch((state) => Object.assign(state, restored()))
    },
    enqueue(scan: QueuedScan) {
      this.queue.push(scan)
      this.persist()
    },
    /** Drops the oldest scan together with what it brought, so that a crash does neither twice nor never. */
    settleScan(lines: rules.BasketLine[] = []) {
      this.queue.shift()
      this.addLines(lines)
    },
    addLines(lines: rules.BasketLine[]) {
      for (const line of lines) this.selected = rules.addLine(this.lines, line)
      this.persist()
    },
    addProduct(product: Product, quantity: number) {
      this.addLines([rules.lineOfProduct(product, quantity)])
    },
    setQuantity(key: string, quantity: number) {
      const line = this.lines.find((other) => other.key === key)
      if (line) line.quantity = quantity
      this.persist()
    },
    /** What a label says by now; whether that is anything new. */
    reread(key: string, scan: Scan | null): boolean {
      const line = this.lines.find((other) => other.key === key)
      if (!line || !scan || scan.quantity === null) return false
      const isNew = line.quantity !== scan.quantity || line.label_total !== scan.label_total
      Object.assign(line, { quantity: scan.quantity, label_total: scan.label_total, price: scan.product.price })
      this.persist()
      return isNew
    },
    voidLine(key: string) {
      const index = this.lines.findIndex((line) => line.key === key)
      if (index < 0) return
      this.lines.splice(index, 1)
      this.selected = (this.lines[index] ?? this.lines[index - 1])?.key ?? null
      this.persist()
    },
    select(step: number) {
      if (this.isEmpty) return
      const index = this.lines.findIndex((line) => line.key === this.selected)
      const next = Math.min(Math.max(index < 0 ? this.lines.length - 1 : index + step, 0), this.lines.length - 1)
      this.selected = this.lines[next]?.key ?? null
    },
    take(lines: rules.BasketLine[]) {
      this.lines = lines
      this.selected = lines.at(-1)?.key ?? null
      this.persist()
    },
    limitTo(short: readonly ShortLine[]) {
      this.take(rules.limitToAvailable(this.lines, short))
    },
    applyPrices(priced: readonly PricedLine[]) {
      rules.applyPrices(this.lines, priced)
      this.persist()
    },
    applyAvailability(news: readonly LiveChange[]) {
      rules.applyAvailability(this.lines, news)
      this.persist()
    },
    /** Remembers a write before it is sent; false when it could not be kept. */
    begin(pending: Pending): boolean {
      this.pending = pending
      if (this.persist()) return true
      this.pending = null
      return false
    },
    /** A definite no: the basket and its uuid stay. */
    refused() {
      this.pending = null
      this.persist()
    },
    /** Sold, parked or thrown away: an empty basket under a new uuid. */
    startNew() {
      this.$patch({ uuid: uuid4(), lines: [], selected: null, pending: null })
      this.persist()
    },
    /** Sold: the receipt takes the place of the basket in one step. */
    finish(receipt: Receipt) {
      this.receipt = receipt
      this.startNew()
    },
    receiptSeen() {
      this.receipt = null
      this.persist()
    },
    renew() {
      this.uuid = uuid4()
      this.pending = null
      this.persist()
    },
  },
})

/** Lines a scan stands for: a label is one package each time, other goods multiply. */
export function linesOf(scan: Scan, times: number | null): rules.BasketLine[] {
  const count = times ?? 1000
  if (scan.quantity === null) return [rules.lineOfProduct(scan.product, count)]
  const isLabel = scan.label_total !== null || scan.product.unit === 'kg'
  if (!isLabel) return [rules.lineOfScan(scan, (scan.quantity * count) / 1000, '')]
  const { quantity } = scan
  return Array.from({ length: count / 1000 }, () => rules.lineOfScan(scan, quantity, `l${uuid4()}`))
}
