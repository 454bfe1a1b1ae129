import { createApp } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '../i18n'

const server = vi.hoisted(() => ({ report: vi.fn(), fileOf: (name: string, kind: string) => `/files/${name}.${kind}` }))
vi.mock('../api', () => server)
vi.mock('./ChartCanvas.vue', () => ({ default: { setup: () => () => null } }))

const { default: SalesCard } = await import('./SalesCard.vue')

const about = { stores: [], currency: 'EUR', minor_digits: 2, time_zone: 'UTC', as_of: null }
const figures = { units: 1000, net: 100, cost: 50, margin: 50, share_units: 100, share_net: 100 }
const before = { units: 0, net: 0, margin: 0 }
const total = { id: 0, name: '', unit: null, figures, previous: before, weekdays: before, is_promoted: false, out_of_stock_minutes: 0 }
const days = (first: string, last: string) => ({ first, last })
let close: () => void

async function note(weekdays: { first: string; last: string }) {
  server.report.mockResolvedValue({ about, period: days('2026-03-08', '2026-03-14'), previous: days('2026-03-01', '2026-03-07'), weekdays, rows: [], row_count: 0, total })
  const app = createApp(SalesCard, { kind: 'categories' }).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
  await new Promise((resolve) => setTimeout(resolve, 0))
  return document.body.textContent ?? ''
}

beforeEach(() => { i18n.global.locale.value = 'en' })
afterEach(() => { close(); document.body.innerHTML = '' })

it('names the days once when those right before are the same weekdays', async () => {
  const words = await note(days('2026-03-01', '2026-03-07'))

  expect(words).toContain('Compared with Mar 1 – Mar 7, right before and of the same weekdays.')
})

it('names both periods when they differ', async () => {
  const words = await note(days('2026-02-22', '2026-02-28'))

  expect(words).toContain('Compared with Mar 1 – Mar 7 (right before) and Feb 22 – Feb 28 (same weekdays).')
})
