import { expect, it } from 'vitest'
import type { ProductReport } from '../types'
import type { Look } from './look'
import { expiringOption, fanOption } from './options'

const look = { isNarrow: false } as Look
const about = { stores: [], currency: 'EUR', minor_digits: 2, time_zone: 'UTC', as_of: null }

it('stands a forecast of some days ago on its own days, also when the period begins later', () => {
  window.matchMedia = () => ({ matches: true }) as MediaQueryList
  const report: ProductReport = {
    about, period: { first: '2026-03-12', last: '2026-03-12' }, id: 1, name: 'Milk', sku: '1', unit: 'piece', category_id: 1, available: 0, days: [],
    forecast: { first_day: '2026-03-10', mean: [1000, 2000, 3000, 4000], quantiles: {}, method: 'theta', wape: null, bias: null, history_days: 60 },
  }

  const drawn = fanOption(look, report, (key) => key, String, String, (day) => day)

  const mean = (drawn.series as { name: string; data: unknown[] }[]).find((one) => one.name === 'product.mean')
  expect(mean?.data).toEqual([3000, 4000])
})

it('draws what has spoiled before what is about to, together the whole value', () => {
  const row = { product_id: 1, name: 'Cream', unit: 'piece' as const, available: 9000, quantity: 8000, past: 3000, left: 5000, value: 1600, past_value: 600, sell_by: '2026-03-13' }

  const drawn = expiringOption(look, [row], (key) => key, String)

  expect((drawn.series as { name: string; data: number[]; stack: string }[]).map(({ name, data, stack }) => [name, data, stack])).toEqual([
    ['expiring.gone', [600], 'expiring'], ['expiring.soon', [1000], 'expiring'],
  ])
})
