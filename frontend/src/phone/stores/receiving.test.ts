import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { Unreachable } from '@/shared/errors'
import { memoryShelf } from '../offline/shelfStub'
import type { Order } from '../types'

const memory = vi.hoisted(() => ({ shelf: {} as ReturnType<typeof memoryShelf> }))
const server = vi.hoisted(() => ({ order: vi.fn(), receive: vi.fn() }))
vi.mock('../offline/shelf', () => ({ get shelf() { return memory.shelf } }))
vi.mock('../api', () => server)
vi.mock('@/shared/api', () => ({ session: vi.fn(), setApiLocale: vi.fn() }))

const { shortOf, surplusOf, useReceivingStore } = await import('./receiving')
const { useOutboxStore } = await import('./outbox')
const { useSessionStore } = await import('./session')

const line = { id: 1, product_id: 11, name: 'Milk', barcode: null, unit: 'piece' as const, pack_size: 6000, quantity: 12000, received: 0, unit_cost: 80, reason: '' }
const order: Order = { id: 9, state: 'placed', supplier: 'Dairy', store: 'Shop', expected_on: null, total_cost: 0, lines: [line, { ...line, id: 2, name: 'Tea', received: 6000 }] }
const figures = () => useReceivingStore().lines.map(({ expected, now }) => [expected, now])
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

function open() {
  setActivePinia(createPinia())
  const session = useSessionStore()
  session.holder = { id: 7, permissions: [], store: { name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2 } }
  session.isConfirmed = true
  return useReceivingStore()
}

beforeEach(() => {
  localStorage.clear()
  memory.shelf = memoryShelf()
  server.order.mockReset().mockResolvedValue(order)
  server.receive.mockReset().mockRejectedValue(new Unreachable('network'))
})

test('a half counted delivery survives a reload without a network', async () => {
  const receiving = open()
  await receiving.load(9)
  await receiving.count(1, 12000)
  await receiving.count(2, 3000)
  await receiving.count(2, null)

  server.order.mockRejectedValue(new Unreachable('network'))
  await open().load(9)

  expect(figures()).toEqual([[12000, 12000], [6000, null]])
})

test('short and surplus are told apart; what nobody counted is short', async () => {
  const receiving = open()
  await receiving.load(9)

  await receiving.count(1, 13000)

  expect(surplusOf(receiving.lines).map(({ id }) => id)).toEqual([1])
  expect(shortOf(receiving.lines).map(({ id }) => id)).toEqual([2])
})

test('a booked delivery waits once, empties the figures, and is no longer expected', async () => {
  const receiving = open()
  await receiving.load(9)
  await receiving.count(1, 12000)

  await receiving.finish({ accept_surplus: false, close_short: false })
  await settled()

  expect(memory.shelf.rows().map(({ body }) => body)).toMatchObject([{ lines: [{ line_id: 1, counted: 12000 }], close_short: false }])
  expect(await memory.shelf.kept('7/delivery/9')).toBeUndefined()
  expect(figures()).toEqual([[0, null], [6000, null]])
})

test('what the server has booked stays counted while it cannot be asked', async () => {
  server.receive.mockResolvedValue({})
  const receiving = open()
  await receiving.load(9)
  await receiving.count(1, 12000)

  await receiving.finish({ accept_surplus: false, close_short: false })
  await settled()

  expect(memory.shelf.rows()).toEqual([])
  expect(figures()).toEqual([[0, null], [6000, null]])
})

test('a slow answer about another order comes too late to be shown', async () => {
  let answerLate: (late: Order) => void = () => undefined
  server.order.mockImplementationOnce(() => new Promise((resolve) => { answerLate = resolve }))
  const receiving = open()
  const slow = receiving.load(8)

  await receiving.load(9)
  answerLate({ ...order, id: 8 })
  await slow

  expect(receiving.order?.id).toBe(9)
})

const delivered = (): Order => ({ ...order, receipts: [useOutboxStore().waiting[0]?.body.uuid ?? ''], lines: [{ ...line, received: 6000 }, { ...line, id: 2, name: 'Tea', received: 6000 }] })

test('a delivery whose answer was lost is not taken off once more from an order that contains it', async () => {
  server.receive.mockRejectedValue(new Unreachable('timeout'))
  const receiving = open()
  await receiving.load(9)
  await receiving.count(1, 6000)
  await receiving.finish({ accept_surplus: false, close_short: false })
  server.order.mockResolvedValue(delivered())

  await receiving.load(9)

  expect(figures()).toEqual([[6000, null], [6000, null]])
})

test('the late answer about a delivery that the order contains changes nothing', async () => {
  server.receive.mockRejectedValue(new Unreachable('timeout'))
  const receiving = open()
  await receiving.load(9)
  await receiving.count(1, 6000)
  await receiving.finish({ accept_surplus: false, close_short: false })
  server.order.mockResolvedValue(delivered())
  await receiving.load(9)
  server.receive.mockResolvedValue({})

  await useOutboxStore().hurry()
  server.order.mockRejectedValue(new Unreachable('network'))
  const shown = figures()
  await receiving.load(9)

  expect(memory.shelf.rows()).toEqual([])
  expect([shown, figures()]).toEqual([[[6000, null], [6000, null]], [[6000, null], [6000, null]]])
})
