import type { Unit } from '@/shared/types'

/** Shapes of the API that the phone page uses. Money is integer minor units, quantity integer thousandths. */

export type StocktakeState = 'open' | 'counted' | 'posted' | 'cancelled'
export type StocktakeKind = 'category' | 'shelf' | 'list'

export interface Stocktake {
  id: number
  state: StocktakeState
  kind: StocktakeKind
  name: string
  opened_at: string
  products: number
  counted: number
  recounts: number
}

export interface CountLine {
  product_id: number
  name: string
  unit: Unit
  shelf: string | null
  barcode: string | null
  /** The sum of my own counts; null when I have not counted it. */
  counted: number | null
  /** The UUIDs of my own counts that the server has; missing in a sheet that was kept by an older page. */
  own_counts?: string[]
  needs_recount: boolean
}

export interface Sheet extends Stocktake {
  lines: CountLine[]
}

export interface CountRequest {
  uuid: string
  product_id?: number
  code?: string
  quantity: number
  /** By this phone's clock; how long ago that was is said when it is sent. */
  counted_at: string
  add: boolean
  /** What I counted before was a mistake, this is all of it; only then in the request. */
  instead?: boolean
  place: Place
}

/** A first figure, more of what I have counted, or instead of it: that was a mistake. */
export type How = 'first' | 'more' | 'instead'

/** Where goods stand: customers take them from the shelf, deliveries wait at the back. */
export type Place = 'shelf' | 'back'

export interface CountAnswer {
  uuid: string
  product_id: number
  name: string
  quantity: number
  total: number
  needs_recount: boolean
}

export interface Proposal {
  product_id: number
  name: string
  shelf: string | null
  category_id: number | null
  score: number
  why: string
}

export interface Areas {
  categories: { id: number; name: string; products: number }[]
  shelves: { shelf: string; products: number }[]
}

export type NewStocktake = { uuid: string; kind: 'category'; category_id: number } | { uuid: string; kind: 'shelf'; shelf: string } | { uuid: string; kind: 'list'; product_ids: number[] }

export type OrderState = 'draft' | 'approved' | 'placed' | 'received' | 'cancelled'

export interface OrderHead {
  id: number
  state: OrderState
  supplier: string
  store: string
  expected_on: string | null
  lines: number
  total_cost: number
}

export interface OrderLine {
  id: number
  product_id: number
  name: string
  barcode: string | null
  unit: Unit
  pack_size: number
  quantity: number
  received: number
  unit_cost: number
  reason: string
}

export interface Order extends Omit<OrderHead, 'lines'> {
  lines: OrderLine[]
  /** The deliveries that are in what was received; missing in an order that was kept by an older page. */
  receipts?: string[]
}

export interface ReceiptRequest {
  uuid: string
  lines: { line_id: number; counted: number }[]
  accept_surplus: boolean
  close_short: boolean
  note: string
}

export interface StoreStock {
  code: string
  name: string
  /** Null while it is being counted, for who counts: counts are blind. */
  on_hand: number | null
  reserved: number | null
  available: number | null
  safety_stock: number
  is_being_counted: boolean
}

export interface ProductStock {
  product_id: number
  stores: StoreStock[]
  on_order: number
  expected_on: string | null
  price: number
}

export type ShelfAnswer = 'was_empty' | 'misplaced' | 'was_there'

/** A product that should have sold by now and has not. */
export interface ShelfCheck {
  id: number
  product_id: number
  name: string
  unit: Unit
  barcode: string | null
  shelf: string | null
  silent_since: string
  expected: number
  available: number
}

export interface ShelfChecks {
  shelf_checks: ShelfCheck[]
  /** How often it was right to ask, of one; null before the first answer. */
  precision: number | null
}
