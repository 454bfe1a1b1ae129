import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { watch } from 'vue'
import { ApiError, Unreachable } from '@/shared/errors'
import { memoryShelf } from '../offline/shelfStub'
import type { CountRequest, Sheet, Stocktake } from '../types'

const memory = vi.hoisted(() => ({ shelf: {} as ReturnType<typeof memoryShelf> }))
const server = vi.hoisted(() => ({ count: vi.fn(), sheet: vi.fn(), stocktakes: vi.fn(), closeStocktake: vi.fn() }))
vi.mock('../offline/shelf', () => ({ get shelf() { return memory.shelf } }))
vi.mock('../api', () => server)
vi.mock('@/shared/api', () => ({ session: vi.fn(), setApiLocale: vi.fn() }))

const { useCountingStore } = await import('./counting')
const { useOutboxStore } = await import('./outbox')
const { useSessionStore } = await import('./session')

const head: Stocktake = { id: 5, state: 'open', kind: 'shelf', name: 'A1', opened_at: '2026-03-02T08:00:00Z', products: 2, counted: 0, recounts: 0 }
const line = { product_id: 1, name: 'Milk', unit: 'piece' as const, shelf: 'A1', barcode: '04006381333931', counted: null, needs_recount: false }
const sheet = (over: Partial<Sheet> = {}): Sheet => ({ ...head, lines: [line, { ...line, product_id: 2, name: 'Tea', barcode: null }], ...over })
const mine = () => useCountingStore().lines.map((one) => [one.mine, one.isWaiting])

const waitingUuid = () => useOutboxStore().waiting[0]?.body.uuid ?? ''

function signIn() {
  const session = useSessionStore()
  session.holder = { id: 7, permissions: [], store: { name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2 } }
  session.isConfirmed = true
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
  memory.shelf = memoryShelf()
  server.count.mockReset()
  server.sheet.mockReset().mockResolvedValue(sheet())
  server.stocktakes.mockReset()
  signIn()
})

test('what is counted without a network is seen at once, added up, and marked as not sent', async () => {
  server.count.mockRejectedValue(new Unreachable('network'))
  const counting = useCountingStore()
  await counting.loadSheet(5)

  await counting.count({ product_id: 1 }, 'Milk', 3000, 'first', 'shelf')
  await counting.count({ product_id: 1 }, 'Milk', 2000, 'more', 'back')

  expect(mine()).toEqual([[5000, true], [null, false]])
  expect(counting.done).toBe(1)
  const bodies = useOutboxStore().waiting.map(({ body }) => body as CountRequest)
  expect(bodies.map(({ add, place }) => [add, place])).toEqual([[false, 'shelf'], [true, 'back']])
  expect(new Set(bodies.map(({ uuid }) => uuid)).size).toBe(2)
})

test('a mistake is put right without a network: the last figure is all of it, and what follows is on top', async () => {
  server.count.mockRejectedValue(new Unreachable('network'))
  server.sheet.mockResolvedValue(sheet({ lines: [{ ...line, counted: 7000 }] }))
  const counting = useCountingStore()
  await counting.loadSheet(5)
  await counting.count({ product_id: 1 }, 'Milk', 90_000, 'more', 'shelf')

  await counting.count({ product_id: 1 }, 'Milk', 9000, 'instead', 'shelf')
  const corrected = mine()
  await counting.count({ product_id: 1 }, 'Milk', 1000, 'more', 'back')

  expect(corrected).toEqual([[9000, true]])
  expect(mine()).toEqual([[10_000, true]])
  const bodies = useOutboxStore().waiting.map(({ body }) => body as CountRequest)
  expect(bodies.map(({ add, instead }) => [add, instead])).toEqual([[true, undefined], [false, true], [true, undefined]])
})

test('who scans before the sheet has come waits for it', async () => {
  let arrive: (value: Sheet) => void = () => undefined
  server.sheet.mockReturnValue(new Promise<Sheet>((resolve) => { arrive = resolve }))
  const counting = useCountingStore()
  void counting.loadSheet(5)

  const there = counting.sheetThere().then(() => counting.lines.length)
  arrive(sheet())

  expect(await there).toBe(2)
})

test('the answer of the server replaces the own sum, also on the sheet kept for later', async () => {
  server.count.mockResolvedValue({ uuid: 'a', product_id: 1, name: 'Milk', quantity: 3000, total: 8000, needs_recount: false })
  const counting = useCountingStore()
  await counting.loadSheet(5)

  await counting.count({ product_id: 1 }, 'Milk', 3000, 'more', 'shelf')
  await settled()

  expect(mine()).toEqual([[8000, false], [null, false]])
  server.sheet.mockRejectedValue(new Unreachable('network'))
  await counting.loadSheet(5)
  expect(mine()).toEqual([[8000, false], [null, false]])
  expect(counting.asOf).not.toBeNull()
})

test('the sheet is there without a network, but not when the server has refused it', async () => {
  const counting = useCountingStore()
  await counting.loadSheet(5)
  setActivePinia(createPinia())
  signIn()

  server.sheet.mockRejectedValue(new Unreachable('network'))
  await useCountingStore().loadSheet(5)
  expect(useCountingStore().sheet?.lines).toHaveLength(2)

  server.sheet.mockRejectedValue(new ApiError(404, 'stocktake_unknown', 'no'))
  await expect(useCountingStore().loadSheet(5)).rejects.toMatchObject({ code: 'stocktake_unknown' })
})

test('after the close only what has to be counted again is asked for, from the start', async () => {
  server.sheet.mockResolvedValue(sheet({ state: 'counted', lines: [{ ...line, counted: 9000, needs_recount: true }, { ...line, product_id: 2, counted: 4000 }] }))
  const counting = useCountingStore()

  await counting.loadSheet(5)

  expect(counting.wanted.map(({ product_id, mine: sum }) => [product_id, sum])).toEqual([[1, null]])
})

test('no name of a colleague stays on the phone', async () => {
  const named = { ...head, opened_by: 'Maja Supervisor' }
  server.stocktakes.mockResolvedValue([named])
  server.sheet.mockResolvedValue({ ...sheet(), opened_by: 'Maja Supervisor' })
  const counting = useCountingStore()

  await counting.loadSessions()
  await counting.loadSheet(5)

  const kept = JSON.stringify([await memory.shelf.kept('7/stocktakes'), await memory.shelf.kept('7/stocktake/5')])
  expect(kept).toContain('A1')
  expect(kept).not.toContain('Maja')
})

test('a refusal because it was counted before teaches the phone the figure', async () => {
  server.count.mockRejectedValue(new ApiError(409, 'already_counted', 'no', { total: 5000 }))
  const counting = useCountingStore()
  await counting.loadSheet(5)

  await counting.count({ product_id: 1 }, 'Milk', 3000, 'first', 'shelf')
  await settled()

  expect(mine()).toEqual([[5000, false], [null, false]])
  expect(useOutboxStore().refused).toHaveLength(1)
})

test('a slow answer about another count comes too late to be shown', async () => {
  let answerLate: (late: Sheet) => void = () => undefined
  server.sheet.mockImplementationOnce(() => new Promise((resolve) => { answerLate = resolve }))
  const counting = useCountingStore()
  const slow = counting.loadSheet(4)

  await counting.loadSheet(5)
  answerLate(sheet({ id: 4 }))
  await slow

  expect(counting.sheet?.id).toBe(5)
})

test('what was asked for one user is not shown to the next', async () => {
  let answerLate: (late: Sheet) => void = () => undefined
  server.sheet.mockImplementationOnce(() => new Promise((resolve) => { answerLate = resolve }))
  const counting = useCountingStore()
  const slow = counting.loadSheet(5)

  useSessionStore().holder = { id: 8, permissions: [], store: { name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2 } }
  await settled()
  answerLate(sheet())
  await slow

  expect(counting.sheet).toBeNull()
})

test('a count whose answer was lost is not added to a sheet that contains it', async () => {
  server.count.mockRejectedValue(new Unreachable('timeout'))
  const counting = useCountingStore()
  await counting.loadSheet(5)
  await counting.count({ product_id: 1 }, 'Milk', 12000, 'first', 'shelf')
  server.sheet.mockResolvedValue(sheet({ lines: [{ ...line, counted: 12000, own_counts: [waitingUuid()] }] }))

  await counting.loadSheet(5)

  expect(mine()).toEqual([[12000, false]])
  expect(useOutboxStore().waiting).toHaveLength(1)
})

test('more of it counted since then is added once to what the sheet contains', async () => {
  server.count.mockRejectedValue(new Unreachable('timeout'))
  const counting = useCountingStore()
  await counting.loadSheet(5)
  await counting.count({ product_id: 1 }, 'Milk', 12000, 'first', 'shelf')
  server.sheet.mockResolvedValue(sheet({ lines: [{ ...line, counted: 12000, own_counts: [waitingUuid()] }] }))
  await counting.loadSheet(5)

  await counting.count({ product_id: 1 }, 'Milk', 3000, 'more', 'back')

  expect(mine()).toEqual([[15000, true]])
})

test.each([
  ['an answer', () => Promise.resolve({ uuid: 'a', product_id: 1, name: 'Milk', quantity: 3000, total: 3000, needs_recount: false })],
  ['a refusal', () => Promise.reject(new ApiError(409, 'already_counted', 'no', { total: 3000 }))],
])('%s that tells the sum is at no moment added to what waits', async (_name, answer) => {
  let decide: () => void = () => undefined
  server.count.mockReturnValue(new Promise((resolve) => { decide = () => resolve(answer()) }))
  const counting = useCountingStore()
  await counting.loadSheet(5)
  await counting.count({ product_id: 1 }, 'Milk', 3000, 'first', 'shelf')
  const seen: (number | null | undefined)[] = []
  watch(() => counting.lines[0]?.mine, (sum) => seen.push(sum), { immediate: true })

  decide()
  await settled()

  expect(new Set(seen)).toEqual(new Set([3000]))
})

test('a sheet that was read before a count was stored does not undo its answer', async () => {
  server.count.mockResolvedValue({ uuid: 'a', product_id: 1, name: 'Milk', quantity: 3000, total: 3000, needs_recount: false })
  const counting = useCountingStore()
  await counting.loadSheet(5)
  let arrive: () => void = () => undefined
  server.sheet.mockReturnValueOnce(new Promise<Sheet>((resolve) => { arrive = () => resolve(sheet()) }))
  const slow = counting.loadSheet(5)

  await counting.count({ product_id: 1 }, 'Milk', 3000, 'first', 'shelf')
  await settled()
  arrive()
  await slow

  expect(mine()).toEqual([[3000, false], [null, false]])
  server.sheet.mockRejectedValue(new Unreachable('network'))
  await counting.loadSheet(5)
  expect(mine()).toEqual([[3000, false], [null, false]])
})

test('an answer that a newer sheet contains does not replace its figure', async () => {
  server.count.mockResolvedValue({ uuid: 'a', product_id: 1, name: 'Milk', quantity: 3000, total: 3000, needs_recount: false })
  const counting = useCountingStore()
  await counting.loadSheet(5)
  let arrive: (uuid: string) => void = () => undefined
  server.sheet.mockReturnValueOnce(new Promise<Sheet>((resolve) => {
    arrive = (uuid) => resolve(sheet({ lines: [{ ...line, counted: 8000, own_counts: [uuid, 'from another phone'] }] }))
  }))
  const slow = counting.loadSheet(5)

  await counting.count({ product_id: 1 }, 'Milk', 3000, 'first', 'shelf')
  await settled()
  arrive((server.count.mock.lastCall?.[1] as CountRequest).uuid)
  await slow

  expect(mine()).toEqual([[8000, false]])
})
