import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, Unreachable } from '@/shared/errors'
import type { Session } from '@/shared/types'
import type { Entry, NewEntry } from '../offline/shelf'
import { memoryShelf } from '../offline/shelfStub'
import type { CountAnswer, CountRequest } from '../types'

const memory = vi.hoisted(() => ({ shelf: {} as ReturnType<typeof memoryShelf> }))
const server = vi.hoisted(() => ({ count: vi.fn(), receive: vi.fn() }))
vi.mock('../offline/shelf', () => ({ get shelf() { return memory.shelf } }))
vi.mock('../api', () => server)
vi.mock('@/shared/api', () => ({ session: vi.fn(async () => ({ user: null })), setApiLocale: vi.fn(), login: vi.fn(), logout: vi.fn() }))

const { login, logout } = vi.mocked(await import('@/shared/api'))
const { useOutboxStore } = await import('./outbox')
const { useSessionStore } = await import('./session')

const store = { id: 1, code: 'S1', name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2, refund_limit: 0, shortage_policy: 'block' as const }
function signedIn(id: number): Session {
  const user = { id, username: `user${id}`, display_name: `Name ${id}`, roles: [], permissions: ['count_stock'], store }
  return { user, csrf_token: 't', locale: 'en', is_demo: true, till: null }
}
function countOf(uuid: string, user = 7, product = 1): NewEntry {
  const body: CountRequest = { uuid, product_id: product, quantity: 3000, counted_at: '2026-03-02T12:00:00Z', add: false, place: 'shelf' }
  return { kind: 'count', user, target: 5, made_at: body.counted_at, label: 'Milk', refusal: null, body }
}
const answer: CountAnswer = { uuid: 'a', product_id: 1, name: 'Milk', quantity: 3000, total: 3000, needs_recount: false }
const refusal = (status: number, code: string, after: number | null = null) => new ApiError(status, code, `refused: ${code}`, { total: 3000 }, after)
const sent = () => server.count.mock.calls.map(([, body]) => (body as CountRequest).uuid)
/** The server cannot digest these UUIDs, until they are taken out of the list. */
function choking(on: string[], error: () => Error) {
  server.count.mockImplementation(async (_id, { uuid }: CountRequest) => {
    if (on.includes(uuid)) throw error()
    return { ...answer, uuid }
  })
}
const settled = () => vi.advanceTimersByTimeAsync(0)

async function open(user = 7) {
  login.mockResolvedValue(signedIn(user))
  await useSessionStore().login({ username: 'x', password: 'y' })
  const outbox = useOutboxStore()
  await outbox.reload()
  return outbox
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  setActivePinia(createPinia())
  memory.shelf = memoryShelf()
  server.count.mockReset().mockResolvedValue(answer)
  server.receive.mockReset().mockResolvedValue({})
})
afterEach(() => { vi.useRealTimers() })

test('what is written down is sent in order and forgotten once the server has it', async () => {
  const outbox = await open()

  await outbox.put(countOf('a'))
  await outbox.put(countOf('b'))
  await settled()

  expect(sent()).toEqual(['a', 'b'])
  expect(memory.shelf.rows()).toEqual([])
  expect(outbox.waiting).toEqual([])
})

test('without a network it waits in order and is tried again after growing pauses', async () => {
  server.count.mockRejectedValue(new Unreachable('network'))
  const outbox = await open()
  await outbox.put(countOf('a'))
  await outbox.put(countOf('b'))
  await settled()
  const before = sent().length

  await vi.advanceTimersByTimeAsync(60_000)
  const tries = sent().length - before
  server.count.mockResolvedValue(answer)
  await vi.advanceTimersByTimeAsync(80_000)

  expect(new Set(sent().slice(0, before + tries))).toEqual(new Set(['a']))
  expect(tries).toBeGreaterThan(3)
  expect(tries).toBeLessThan(9)
  expect(sent().slice(-2)).toEqual(['a', 'b'])
  expect(outbox.waiting).toEqual([])
})

test('the same UUID is sent again after a lost answer, even by a page opened later', async () => {
  server.count.mockRejectedValueOnce(new Unreachable('timeout'))
  await (await open()).put(countOf('a'))
  await settled()

  setActivePinia(createPinia())
  await (await open()).flush()

  expect(sent()).toEqual(['a', 'a'])
  expect(memory.shelf.rows()).toEqual([])
})

test('a refusal is kept with its reason, never sent again, and holds up nobody', async () => {
  server.count.mockRejectedValueOnce(refusal(409, 'stocktake_closed'))
  const outbox = await open()
  await outbox.put(countOf('a'))
  await outbox.put(countOf('b'))
  await settled()

  await outbox.flush()
  await vi.advanceTimersByTimeAsync(300_000)

  expect(sent()).toEqual(['a', 'b'])
  expect(outbox.refused.map(({ refusal: no }) => no)).toEqual([{ code: 'stocktake_closed', message: 'refused: stocktake_closed', details: { total: 3000 } }])
})

test('what was refused can be sent as its maker now wants it, under the same UUID', async () => {
  server.count.mockRejectedValueOnce(refusal(409, 'already_counted'))
  const outbox = await open()
  await outbox.put(countOf('a'))
  await settled()

  await outbox.amend(outbox.refused[0] as Entry, { add: true })
  await settled()

  expect(server.count.mock.lastCall?.[1]).toMatchObject({ uuid: 'a', add: true, quantity: 3000 })
  expect(memory.shelf.rows()).toEqual([])
})

test('what was refused can be discarded', async () => {
  server.count.mockRejectedValueOnce(refusal(404, 'product_unknown'))
  const outbox = await open()
  await outbox.put(countOf('a'))
  await settled()

  await outbox.discard(outbox.refused[0] as Entry)

  expect(memory.shelf.rows()).toEqual([])
  expect(outbox.refused).toEqual([])
})

test('an ended login keeps everything until the same user signs in again', async () => {
  const outbox = await open()
  server.count.mockImplementationOnce(async () => { useSessionStore().ended(); throw refusal(401, 'login_again') })
  await outbox.put(countOf('a'))
  await vi.advanceTimersByTimeAsync(300_000)
  expect(sent()).toEqual(['a'])

  await useSessionStore().login({ username: 'x', password: 'y' })
  await settled()

  expect(sent()).toEqual(['a', 'a'])
  expect(outbox.waiting).toEqual([])
})

test('a token of somebody else decides nothing: the entry waits', async () => {
  server.count.mockImplementationOnce(async () => { useSessionStore().ended(); throw refusal(400, 'form_expired') })
  const outbox = await open()

  await outbox.put(countOf('a'))
  await settled()

  expect(outbox.waiting).toHaveLength(1)
  expect(outbox.refused).toEqual([])
})

test('nobody sends the records of another user', async () => {
  await memory.shelf.add(countOf('theirs', 8))

  const outbox = await open(7)
  await outbox.put(countOf('mine', 7))
  await settled()

  expect(sent()).toEqual(['mine'])
  expect(outbox.ofOthers).toBe(1)
  expect(memory.shelf.rows().map(({ user }) => user)).toEqual([8])
})

test('signing out forgets the lists but not what waits', async () => {
  server.count.mockRejectedValue(new Unreachable('network'))
  const outbox = await open(7)
  await outbox.put(countOf('a'))
  await memory.shelf.keep('7/stocktakes', [])
  await memory.shelf.keep('8/stocktakes', [])

  logout.mockResolvedValue(undefined)
  await useSessionStore().logout()

  expect(await memory.shelf.kept('7/stocktakes')).toBeUndefined()
  expect(await memory.shelf.kept('8/stocktakes')).toEqual([])
  expect(memory.shelf.rows()).toHaveLength(1)
})

test('a busy server says itself how long to wait', async () => {
  server.count.mockRejectedValueOnce(refusal(503, 'busy', 20))
  const outbox = await open()
  await outbox.put(countOf('a'))

  await vi.advanceTimersByTimeAsync(15_000)
  expect(outbox.waiting).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(10_000)

  expect(outbox.waiting).toEqual([])
})

test.each([
  ['a broken answer', () => refusal(500, 'internal_error')],
  ['no answer in time', () => new Unreachable('timeout')],
])('what always meets %s holds up only what must follow it, and nothing is lost or sent twice', async (_name, error) => {
  const bad = ['a']
  choking(bad, error)
  const outbox = await open()
  for (const [uuid, product] of [['a', 1], ['b', 2], ['c', 1], ['d', 3]] as const) await memory.shelf.add(countOf(uuid, 7, product))
  await memory.shelf.add({ ...countOf('e'), target: 6 } as NewEntry)

  await outbox.flush()
  await vi.advanceTimersByTimeAsync(60_000)
  const passed = new Set(sent())
  const left = outbox.waiting.map(({ body }) => body.uuid)
  bad.pop()
  await vi.advanceTimersByTimeAsync(80_000)

  expect([passed, left]).toEqual([new Set(['a', 'b', 'd', 'e']), ['a', 'c']])
  expect(sent().filter((uuid) => uuid !== 'a')).toEqual(['b', 'd', 'e', 'c'])
  expect(memory.shelf.rows()).toEqual([])
})

test('what stays stuck says how often it was tried and why', async () => {
  choking(['a'], () => refusal(500, 'internal_error'))
  const outbox = await open()
  await outbox.put(countOf('a'))
  await vi.advanceTimersByTimeAsync(10_000)

  const [entry] = outbox.waiting

  expect(outbox.troubleOf(entry as Entry)).toEqual({ tries: sent().length, reason: 'refused: internal_error' })
  expect(sent().length).toBeGreaterThan(2)
})

test('a server that is down meets one try a pause, however much waits', async () => {
  server.count.mockRejectedValue(refusal(503, 'busy'))
  const outbox = await open()
  for (let product = 1; product <= 20; product += 1) await memory.shelf.add(countOf(`u${product}`, 7, product))

  await outbox.flush()
  await vi.advanceTimersByTimeAsync(60_000)

  expect(sent().length).toBeLessThan(9)
  expect(outbox.waiting).toHaveLength(20)
})

test('a reading that fails once neither denies what is kept nor stops the outbox', async () => {
  const outbox = await open()
  vi.spyOn(memory.shelf, 'entries').mockRejectedValueOnce(new Error('IndexedDB'))

  await outbox.put(countOf('a'))
  await settled()

  expect(sent()).toEqual(['a'])
  expect(memory.shelf.rows()).toEqual([])
})

test('a receipt goes to its order', async () => {
  const outbox = await open()
  const body = { uuid: 'r', lines: [{ line_id: 4, counted: 6000 }], accept_surplus: false, close_short: true, note: '' }

  await outbox.put({ kind: 'receipt', user: 7, target: 9, made_at: '2026-03-02T12:00:00Z', label: 'Dairy', refusal: null, body })
  await settled()

  expect(server.receive).toHaveBeenCalledExactlyOnceWith(9, body)
})

test('the phone remembers no name of whoever signed in', async () => {
  await open()

  expect(JSON.stringify(localStorage)).not.toMatch(/user7|Name 7/)
})
