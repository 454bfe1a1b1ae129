import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as api from './api'
import { EventSourceStub } from './eventSourceStub'
import { openLiveStock, type LiveStock } from './liveStock'

let live: LiveStock | undefined
const changed = vi.fn()
const resync = vi.fn()

function start() {
  live = openLiveStock({ changed, resync })
  return vi.advanceTimersByTimeAsync(0)
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  EventSourceStub.opened = []
  vi.stubGlobal('EventSource', EventSourceStub)
  vi.spyOn(api, 'live').mockResolvedValue({ url: '/events', token: 'signed' })
})
afterEach(() => {
  live?.close()
  vi.useRealTimers()
})

test('it opens with a pass and hands on what the stream says', async () => {
  await start()
  EventSourceStub.last?.open()

  EventSourceStub.last?.say('stock', [[7, 5000, 199], [8, null, 50]], 'a-1-1')

  expect(EventSourceStub.last?.query.get('token')).toBe('signed')
  expect(live?.isOpen).toBe(true)
  expect(changed).toHaveBeenCalledExactlyOnceWith([
    { product_id: 7, available: 5000, price: 199 },
    { product_id: 8, available: null, price: 50 },
  ])
})

test('the order to ask for everything is handed on', async () => {
  await start()

  EventSourceStub.last?.say('resync', {}, 'a-1-0')

  expect(resync).toHaveBeenCalledOnce()
})

test('a refused stream is opened again later, with a new pass and from where it stopped', async () => {
  await start()
  EventSourceStub.last?.say('stock', [[7, 5000, 199]], 'a-1-1')

  EventSourceStub.last?.fail(true)
  expect(live?.isOpen).toBe(false)
  await vi.advanceTimersByTimeAsync(12_000)

  expect(api.live).toHaveBeenCalledTimes(2)
  expect(EventSourceStub.opened).toHaveLength(2)
  expect(EventSourceStub.last?.query.get('last')).toBe('a-1-1')
})

test('a broken connection is left to the browser', async () => {
  await start()
  EventSourceStub.last?.open()

  EventSourceStub.last?.fail(false)
  await vi.advanceTimersByTimeAsync(12_000)

  expect(live?.isOpen).toBe(false)
  expect(EventSourceStub.opened).toHaveLength(1)
})

test('a stream that has gone silent is closed and opened anew; a ping keeps it', async () => {
  await start()
  const first = EventSourceStub.last
  first?.open()

  await vi.advanceTimersByTimeAsync(30_000)
  first?.say('ping', {})
  await vi.advanceTimersByTimeAsync(30_000)
  expect(live?.isOpen).toBe(true)
  await vi.advanceTimersByTimeAsync(25_000)

  expect(first?.readyState).toBe(EventSourceStub.CLOSED)
  expect(EventSourceStub.opened).toHaveLength(2)
})

test('without a pass it asks again, and never after it was closed', async () => {
  vi.mocked(api.live).mockRejectedValue(new Error('away'))
  await start()
  await vi.advanceTimersByTimeAsync(12_000)
  const asked = vi.mocked(api.live).mock.calls.length

  live?.close()
  await vi.advanceTimersByTimeAsync(60_000)

  expect(asked).toBeGreaterThan(1)
  expect(vi.mocked(api.live).mock.calls.length).toBe(asked)
  expect(EventSourceStub.opened).toHaveLength(0)
})
