/** Shapes of the JSON API. Money is integer minor units, quantity integer thousandths. */

export type Locale = 'en' | 'zh'
export type Unit = 'piece' | 'kg'
export type Tender = 'cash' | 'card' | 'mobile'
export type ShortagePolicy = 'block' | 'allow'
export type ReturnTo = 'shelf' | 'waste'

export interface Currency {
  currency: string
  minor_digits: number
}

export interface Store extends Currency {
  id: number
  code: string
  name: string
  time_zone: string
  refund_limit: number
  shortage_policy: ShortagePolicy
}

export interface User {
  id: number
  username: string
  display_name: string
  roles: string[]
  permissions: string[]
  store: Store
}

export interface Session {
  user: User | null
  csrf_token: string
  locale: Locale
  is_demo: boolean
  /** Which till this browser was enrolled as; PINs are taken there. */
  till: string | null
}

/** A login; `second_factor` and `new_pin` only where they are asked for. */
export interface SignIn {
  username: string
  password: string
  second_factor?: string
  new_pin?: string
}

export interface Product {
  id: number
  sku: string
  gtin: string | null
  name: string
  unit: Unit
  price: number
  available: number
  on_hand: number
  category: string | null
  policy: ShortagePolicy
}

export interface Scan {
  product: Product
  quantity: number | null
  label_total: number | null
  barcode: string
  pack_unit_price: number | null
}

export interface Availability {
  product_id: number
  available: number
  price: number
}

/** What a stream says of a product; `available` is null where only its price is spoken of. */
export interface LiveChange {
  product_id: number
  available: number | null
  price: number
}

export interface PhotoCode {
  text: string
  symbology: string
}

/** Which till a page is, and on which computer: all windows of one browser share the seat. */
export interface Place {
  till: string
  seat: string
}

/** A code read by the camera over the belt; the same id may come twice and counts once. */
export interface BeltScan {
  id: string
  code: string
}

export interface WayToStreams {
  url: string
  token: string
}

export interface LineRequest {
  product_id: number
  quantity: number
  barcode?: string | null
}

export interface PricedLine {
  product_id: number
  name: string
  unit: Unit
  quantity: number
  unit_price: number
  total: number
  available: number
  barcode: string | null
}

export interface ShortLine {
  product_id: number
  name: string
  wanted: number
  available: number
  policy: ShortagePolicy
}

export interface PricedBasket {
  lines: PricedLine[]
  total: number
  short: ShortLine[]
}

export interface Payment {
  tender: Tender
  amount: number
}

export interface SaleRequest {
  uuid: string
  till: string
  lines: LineRequest[]
  payments: Payment[]
  expected_total: number
  goods_in_hand?: { approval?: string }
}

export interface ReceiptLine {
  id: number
  product_id: number
  name: string
  unit: Unit
  quantity: number
  unit_price: number
  total: number
  returned: number
}

export interface RefundLine {
  line_id: number
  name: string
  quantity: number
  amount: number
  to: ReturnTo
}

export interface Refund {
  uuid: string
  number: string
  sale_uuid: string
  at: string
  lines: RefundLine[]
  total: number
  payments: Payment[]
  cashier: string
  approver: string | null
}

export interface Receipt extends Currency {
  uuid: string
  number: string
  store: { code: string; name: string; address: string }
  till: string
  cashier: string
  sold_at: string
  lines: ReceiptLine[]
  total: number
  payments: Payment[]
  change: number
  is_posted?: boolean
  refunds?: Refund[]
  refundable: number
  copy_number?: number
}

export interface RecentSale {
  uuid: string
  number: string
  sold_at: string
  total: number
  till: string
}

export interface RefundRequest {
  uuid: string
  till: string
  lines: { line_id: number; quantity: number; to: ReturnTo }[]
  reason: string
  approval?: string
}

export type ApprovalAction = 'goods_in_hand' | 'refund_over_limit'

export interface Approval {
  approval: string
  approver: string
  expires_in_s: number
}

export interface ParkedBasket {
  uuid: string
  label: string
  parked_by: string
  parked_at: string
  line_count: number
  lines: LineRequest[]
  /** null when a line cannot be sold any more. */
  total: number | null
}

export interface FieldError {
  field: string
  code: string
  message: string
}

/** What stands at a till, and how many of its receipts are not on paper yet. */
export interface Counter {
  printer: { name: string; has_drawer: boolean; is_automatic: boolean } | null
  has_scale: boolean
  waiting: number
  perhaps: number
}

/** What the drawer is opened for; nothing: without a sale. */
export interface DrawerCause {
  sale_uuid?: string
  refund_uuid?: string
}

export interface PrintJob {
  uuid: string
  state: 'waiting' | 'sending' | 'printed' | 'perhaps' | 'given_up'
  copy_number: number
  problem: string
}
