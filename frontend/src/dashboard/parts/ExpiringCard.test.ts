import { createApp, h, nextTick } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '../i18n'
import type { Expiring, ExpiringProduct } from '../types'

const server = vi.hoisted(() => ({ report: vi.fn(), fileOf: (name: string, kind: string) => `/files/${name}.${kind}` }))
vi.mock('../api', () => server)
vi.mock('./ChartCanvas.vue', () => ({ default: { props: ['label', 'build', 'height'], emits: ['pick'], setup: (given: { label: string }) => () => h('p', given.label) } }))

const { default: ExpiringCard } = await import('./ExpiringCard.vue')

const cream: ExpiringProduct = { product_id: 4, name: 'Cream', unit: 'piece', available: 9000, quantity: 8000, past: 3000, left: 5000, value: 1600, past_value: 600, sell_by: '2026-03-13' }
const ham: ExpiringProduct = { product_id: 5, name: 'Ham', unit: 'kg', available: 250, quantity: 250, past: 250, left: 250, value: 225, past_value: 225, sell_by: null }
const about = { stores: [], currency: 'EUR', minor_digits: 2, time_zone: 'UTC', as_of: null }
const found: Expiring = { about, value: 1825, past_value: 825, count: 2, perishables: 40, rows: [cream, ham] }
const texts = (selector: string) => [...document.querySelectorAll(selector)].map((one) => one.textContent?.trim())
let close: () => void

async function show(answer: Expiring) {
  server.report.mockResolvedValue(answer)
  const app = createApp(ExpiringCard).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
  await new Promise((resolve) => setTimeout(resolve, 0))
}
async function asTable() {
  document.querySelectorAll<HTMLButtonElement>('.switch button')[1]?.click()
  await nextTick()
}

beforeEach(() => { i18n.global.locale.value = 'en' })
afterEach(() => { close(); document.body.innerHTML = '' })

it('asks for what expires and says in a sentence what the chart shows', async () => {
  await show(found)

  expect(server.report).toHaveBeenCalledWith('expiring', { store: '' })
  expect(document.body.textContent).toContain('2 products expire soon or have expired, €18.25 at cost. The greatest is Cream with €16.00.')
})

it('shows how many, until when, and what will probably be left over', async () => {
  await show(found)
  await asTable()

  const rows = [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent?.replace(/\s+/g, ' ').trim()))
  expect(rows).toEqual([
    ['Cream', '83 past its life', 'Mar 13', '5', '€16.00'],
    ['Ham', '0.250 kg', 'past', '0.250 kg', '€2.25'],
  ])
  expect(texts('tfoot td')).toEqual(['Total', '', '', '', '€18.25'])
})

it('calls itself an estimate and says how it was made', async () => {
  await show({ ...found, count: 3 })

  expect(texts('.card-foot p')).toEqual([
    'Expiring at cost: €18.25, €8.25 of it past its shelf life. An estimate: first in, first out, by goods receipts and shelf life; left over at the pace of the last 28 days. 1 more in the file.',
  ])
})

it('says that nothing expires, and how it knows', async () => {
  await show({ ...found, value: 0, past_value: 0, count: 0, rows: [] })

  expect(texts('.empty')).toEqual(['Nothing of 40 products with a shelf life expires soon.'])
  expect(texts('.card-foot p')[0]).toMatch(/^An estimate: first in, first out/)
})

it('does not call it good news when no product has a shelf life', async () => {
  await show({ ...found, value: 0, past_value: 0, count: 0, perishables: 0, rows: [] })

  expect(texts('.empty')).toEqual(['No product in stock has a shelf life.'])
  expect(texts('.card-foot p')).toEqual([])
})

it('leads from a product to its days', async () => {
  await show(found)
  await asTable()

  document.querySelector<HTMLButtonElement>('tbody .link')?.click()

  const { useScope } = await import('../useScope')
  expect(useScope().scope.product).toBe('4')
})
