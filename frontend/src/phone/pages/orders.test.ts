import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { createApp, type Component } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, Unreachable } from '@/shared/errors'
import { useNoticeStore } from '@/shared/notices'
import { i18n } from '../i18n'
import { memoryShelf } from '../offline/shelfStub'
import type { Order, OrderHead } from '../types'
import { codeTaker } from '../useCodes'

const memory = vi.hoisted(() => ({ shelf: {} as ReturnType<typeof memoryShelf> }))
const server = vi.hoisted(() => ({ order: vi.fn(), orders: vi.fn(), approve: vi.fn(), place: vi.fn() }))
const known = vi.hoisted(() => ({ byBarcode: vi.fn() }))
vi.mock('../offline/shelf', () => ({ get shelf() { return memory.shelf } }))
vi.mock('../api', () => server)
vi.mock('@/shared/api', () => ({ session: vi.fn(), setApiLocale: vi.fn(), ...known }))
vi.mock('@/shared/sound', () => ({ beep: vi.fn() }))

const { useSessionStore } = await import('../stores/session')
const { default: DraftPage } = await import('./DraftPage.vue')
const { default: OrdersPage } = await import('./OrdersPage.vue')
const { default: ReceivePage } = await import('./ReceivePage.vue')

const line = { id: 1, product_id: 11, name: 'Milk', barcode: '111', unit: 'piece' as const, pack_size: 6000, quantity: 12000, received: 0, unit_cost: 80, reason: '' }
const order: Order = { id: 9, state: 'placed', supplier: 'Dairy', store: 'Shop', expected_on: null, total_cost: 0, lines: [line, { ...line, id: 2, product_id: 12, name: 'Tea', barcode: '222' }] }
const head: OrderHead = { id: 9, state: 'placed', supplier: 'Dairy', store: 'Shop', expected_on: null, lines: 2, total_cost: 0 }
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const text = (selector: string) => [...document.querySelectorAll(selector)].map((one) => one.textContent)
let pinia: Pinia
let close: () => void

async function show(page: Component, props: Record<string, unknown> = {}) {
  const app = createApp(page, props).use(pinia).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
  await settled()
}

beforeEach(() => {
  localStorage.clear()
  document.body.innerHTML = ''
  pinia = createPinia()
  setActivePinia(pinia)
  memory.shelf = memoryShelf()
  server.order.mockReset().mockResolvedValue(order)
  useSessionStore().holder = { id: 7, permissions: [], store: { name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2 } }
})
afterEach(() => close())

test('a slow answer does not take the sheet away from the product scanned next', async () => {
  let answerLate: (late: unknown) => void = () => undefined
  known.byBarcode.mockImplementationOnce(() => new Promise((resolve) => { answerLate = resolve }))
  await show(ReceivePage, { id: '9' })

  codeTaker()?.take('999')
  codeTaker()?.take('222')
  await settled()
  answerLate({ product: { id: 11, name: 'Milk' } })
  await settled()

  expect(text('[role="dialog"] h2')).toEqual(['Tea'])
})

test('a code that nobody could be asked about is not called unknown', async () => {
  known.byBarcode.mockRejectedValueOnce(new Unreachable('network'))
  await show(ReceivePage, { id: '9' })

  codeTaker()?.take('999')
  await settled()

  expect(useNoticeStore().items.map((one) => one.text)).toEqual(['No connection to the server.'])
})

test('an order of another store says so', async () => {
  server.orders.mockResolvedValue([head, { ...head, id: 10, store: 'Harbour' }])

  await show(OrdersPage)

  expect(text('.row small').filter((one) => one?.includes('Order'))).toEqual([
    expect.not.stringContaining('Shop'), expect.stringContaining('Harbour'),
  ])
})

test('a draft costs what the list and the office say, not the sum of rounded lines', async () => {
  const half = { ...line, unit: 'kg' as const, pack_size: 500, quantity: 500, unit_cost: 333 }
  server.order.mockResolvedValue({ ...order, state: 'draft', total_cost: 333, lines: [half, { ...half, id: 2 }] })

  await show(DraftPage, { id: '9' })

  expect(text('[data-testid="order-total"]')).toEqual(['€3.33'])
})

test.each([['approve', 'draft'], ['place', 'approved']] as const)('an order that has changed is not %sd, and is shown as it is now', async (step, state) => {
  const before = { ...order, state, total_cost: 1920 }
  const grown = { ...before, total_cost: 2400, lines: [{ ...line, quantity: 18000 }] }
  server.order.mockResolvedValueOnce(before).mockResolvedValue(grown)
  server[step].mockRejectedValueOnce(new ApiError(409, 'order_changed', 'The order has changed meanwhile: Milk.'))
  await show(DraftPage, { id: '9' })

  document.querySelector<HTMLElement>(`[data-testid="${step}"]`)?.click()
  await settled()
  document.querySelector<HTMLElement>('[data-testid="yes"]')?.click()
  await settled()

  expect(server[step]).toHaveBeenCalledWith(before)
  expect(text('[data-testid="order-total"]')).toEqual(['€24.00'])
  expect(document.body.textContent).toContain('The order has changed meanwhile: Milk.')
})
