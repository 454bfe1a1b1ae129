/** Shapes of the reports. Money in minor units, quantities in thousandths, shares in per cent. */
import type { Unit } from '@/shared/types'

export interface StoreHead { id: number; code: string; name: string }
export interface About { stores: StoreHead[]; currency: string; minor_digits: number; time_zone: string; as_of: string | null }
export interface Span { first: string; last: string }

export interface Hour { hour: number; net: number; receipts: number; expected: number }
export interface Alert {
  store_id: number; product_id: number; store: string; name: string; unit: Unit; available: number; safety: number
}
export interface Accuracy {
  counted_lines: number; right_lines: number; percent: number | null; proved_at: string | null; violations: number | null
}
export interface Today {
  about: About; choices: StoreHead[]; day: string; hours: Hour[]; gross: number; refunded: number; receipts: number; lines: number
  refunds: number; expected: number; expected_by_now: number; expected_from: 'forecast' | 'weekdays' | 'none'
  below_safety: number; nobody_delivers: number; alerts: Alert[]; orders: Record<string, number>; exceptions: number
  unposted: number; shelf_checks: number; accuracy: Accuracy
}

export interface Figures {
  units: number; net: number; cost: number; margin: number; share_units: number | null; share_net: number | null
}
export interface Compared { units: number; net: number; margin: number }
export interface Row {
  id: number; name: string; unit: Unit | null; figures: Figures; previous: Compared; weekdays: Compared
  is_promoted: boolean; out_of_stock_minutes: number
}
export interface Analysis {
  about: About; period: Span; previous: Span; weekdays: Span; rows: Row[]; row_count: number; total: Row
}

export interface Day {
  day: string; units: number; returned: number; gross: number; net: number; cost: number; margin: number
  is_promoted: boolean; out_of_stock_minutes: number; open_minutes: number
}
export interface Fan {
  first_day: string; mean: number[]; quantiles: Record<string, number[]>; method: string; wape: number | null
  bias: number | null; history_days: number
}
export interface ProductReport {
  about: About; period: Span; id: number; name: string; sku: string; unit: Unit; category_id: number; available: number
  days: Day[]; forecast: Fan | null
}

export interface HourSum { hour: number; receipts: number; lines: number; net: number }
export interface DaySum { day: string; receipts: number; lines: number; net: number; refunded: number }
export interface Takings {
  about: About; period: Span; open_days: number; receipts: number; average_amount: number | null
  average_lines: number | null; hours: HourSum[]; days: DaySum[]
}
export interface Cashier {
  id: number; name: string; receipts: number; lines: number; gross: number; refunds: number; refunded: number
  net: number; average_amount: number | null
}
export interface Cashiers { about: About; period: Span; rows: Cashier[] }

export interface CategoryStock {
  id: number; name: string; products: number; value: number; retail_value: number; days: number | null
}
export interface Cover {
  product_id: number; name: string; unit: Unit; on_hand: number; value: number; sold: number; days: number | null
}
export interface Stock {
  about: About; value: number; retail_value: number; days: number | null; dead_value: number; dead_count: number
  categories: CategoryStock[]; slow: Cover[]; dead: Cover[]
}
export interface ExpiringProduct {
  product_id: number; name: string; unit: Unit; available: number; quantity: number; past: number; left: number; value: number
  past_value: number; sell_by: string | null
}
export interface Expiring {
  about: About; value: number; past_value: number; count: number; perishables: number; rows: ExpiringProduct[]
}
export interface Loss {
  kind: string; movements: number; quantity: number; value: number
  worst: { product_id: number; name: string; value: number }[]
}
export interface Shrinkage { about: About; period: Span; value: number; rows: Loss[] }
