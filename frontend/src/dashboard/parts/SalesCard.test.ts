import { createApp, nextTick } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '../i18n'

const server = vi.hoisted(() => ({ report: vi.fn(), fileOf: (name: string, kind: string) => `/files/${name}.${kind}` }))
vi.mock('../api', () => server)
vi.mock('./ChartCanvas.vue', () => ({ default: { setup: () => () => null } }))

const { default: SalesCard } = await import('./SalesCard.vue')
const { useScope } = await import('../useScope')

const about = { stores: [], currency: 'EUR', minor_digits: 2, time_zone: 'UTC', as_of: null }
const figures = { units: 1000, net: 100, cost: 50, margin: 50, share_units: 100, share_net: 100 }
const before = { units: 0, net: 0, margin: 0 }
const total = { id: 0, name: '', unit: null, figures, previous: before, weekdays: before, is_promoted: false, out_of_stock_minutes: 0 }
const days = (first: string, last: string) => ({ first, last })
let close: () => void

function mount(kind: 'categories' | 'products') {
  const app = createApp(SalesCard, { kind }).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
}

async function note(weekdays: { first: string; last: string }) {
  server.report.mockResolvedValue({ about, period: days('2026-03-08', '2026-03-14'), previous: days('2026-03-01', '2026-03-07'), weekdays, rows: [], row_count: 0, total })
  mount('categories')
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

it('marks the products of before as busy and lets nobody press them until those of the chosen category are there', async () => {
  const answer = (name: string) => {
    const row = { ...total, id: 7, name, unit: 'piece' as const }
    return { about, period: days('2026-03-08', '2026-03-14'), previous: days('2026-03-01', '2026-03-07'), weekdays: days('2026-03-01', '2026-03-07'), rows: [row], row_count: 1, total }
  }
  const state = () => [
    document.querySelector('h2')?.textContent, document.querySelector('tbody button')?.textContent, document.querySelector('section')?.getAttribute('aria-busy'),
    document.querySelector('section > [inert] table') !== null, document.querySelector('[role="status"]')?.textContent ?? '',
  ]
  server.report.mockResolvedValueOnce(answer('Bread'))
  mount('products')
  await new Promise((resolve) => setTimeout(resolve, 0))
  document.querySelectorAll<HTMLButtonElement>('.switch button')[1]?.click()
  const gives: ((value: unknown) => void)[] = []
  server.report.mockReturnValueOnce(new Promise((resolve) => gives.push(resolve)))

  const { scope } = useScope()
  scope.categories = { 3: 'Drinks' }
  scope.category = '3'
  await nextTick()
  const meanwhile = state()
  gives[0]?.(answer('Juice'))
  await new Promise((resolve) => setTimeout(resolve, 0))

  expect(meanwhile).toEqual(['Drinks: products', 'Bread', 'true', true, 'Loading…'])
  expect(state()).toEqual(['Drinks: products', 'Juice', 'false', false, ''])
})
