import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, type App } from 'vue'
import * as api from '@/shared/api'
import { EventSourceStub } from '@/shared/eventSourceStub'
import { seat } from '@/shared/seat'
import type { Product, User } from '@/shared/types'
import { useCheckoutStore } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'
import { useSessionStore } from './stores/session'
import { useAvailability } from './useAvailability'

const milk: Product = { id: 7, sku: '1', gtin: null, name: 'Milk', unit: 'piece', price: 199, available: 9000, on_hand: 9000, category: null, policy: 'block' }
const cashier = { id: 1, username: 'c', store: { id: 1, currency: 'EUR', minor_digits: 2 }, permissions: [] } as unknown as User
const scanned = vi.fn()
let app: App

async function open() {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().user = cashier
  app = createApp({ setup() { useAvailability(scanned); return () => null } }).use(pinia)
  app.mount(document.createElement('div'))
  await vi.advanceTimersByTimeAsync(0)
}
const line = () => useCheckoutStore().lines[0]

beforeEach(async () => {
  localStorage.clear()
  vi.useFakeTimers()
  EventSourceStub.opened = []
  vi.stubGlobal('EventSource', EventSourceStub)
  vi.spyOn(api, 'live').mockResolvedValue({ url: '/events', token: 'signed' })
  vi.spyOn(api, 'availability').mockResolvedValue([{ product_id: 7, available: 6000, price: 199 }])
  await open()
})
afterEach(() => {
  app.unmount()
  vi.useRealTimers()
})

test('the basket follows the stream, and a price alone leaves the stock', () => {
  useCheckoutStore().addProduct(milk, 1000)

  EventSourceStub.last?.say('stock', [[7, 5000, 199]])
  EventSourceStub.last?.say('stock', [[7, null, 250]])

  expect(line()).toMatchObject({ available: 5000, price: 250 })
})

test('with an open stream the server is asked once and then left alone', async () => {
  useCheckoutStore().addProduct(milk, 1000)
  EventSourceStub.last?.open()
  EventSourceStub.last?.say('resync', {})

  await vi.advanceTimersByTimeAsync(20_000)

  expect(api.availability).toHaveBeenCalledTimes(1)
  expect(line()?.available).toBe(6000)
})

test('without a stream it asks every two seconds', async () => {
  useCheckoutStore().addProduct(milk, 1000)

  await vi.advanceTimersByTimeAsync(10_500)

  expect(api.availability).toHaveBeenCalledTimes(5)
})

test('a product looked up just before a change gets the newer figure', async () => {
  EventSourceStub.last?.open()
  EventSourceStub.last?.say('stock', [[7, 2000, 199]])

  useCheckoutStore().addProduct(milk, 1000)
  await vi.advanceTimersByTimeAsync(0)

  expect(line()?.available).toBe(2000)
})

test('a total being paid stands still and catches up afterwards', async () => {
  useCheckoutStore().addProduct(milk, 1000)
  EventSourceStub.last?.open()
  const isPaying = vi.spyOn(useDialogStore(), 'isOpen').mockReturnValue(true)

  EventSourceStub.last?.say('stock', [[7, 5000, 250]])
  await vi.advanceTimersByTimeAsync(4000)
  expect(line()).toMatchObject({ available: 9000, price: 199 })
  isPaying.mockReturnValue(false)
  await vi.advanceTimersByTimeAsync(2000)

  expect(line()?.available).toBe(6000)
})

test('signing out ends the stream', async () => {
  const stream = EventSourceStub.last

  useSessionStore().user = null
  await vi.advanceTimersByTimeAsync(0)

  expect(stream?.readyState).toBe(EventSourceStub.CLOSED)
})

test('the stream is opened for this till, and what its camera reads is handed on', () => {
  EventSourceStub.last?.say('scan', { id: 'a', code: '4006381333931' })

  expect(vi.mocked(api.live).mock.calls[0]?.[0]).toEqual({ till: 'T1', seat: seat() })
  expect(scanned).toHaveBeenCalledExactlyOnceWith({ id: 'a', code: '4006381333931' })
})
