import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/shared/api'
import { ApiError } from '@/shared/errors'
import type { Counter, PrintJob, Receipt, User } from '@/shared/types'
import { useCounterStore } from './counter'
import { useSessionStore } from './session'

vi.mock('@/shared/api')

const SALE = '11111111-2222-4333-8444-555555555555'
const printed: PrintJob = { uuid: SALE, state: 'printed', copy_number: 0, problem: '' }

function stands(printer: Partial<NonNullable<Counter['printer']>> | null): Counter {
  const full = printer && { name: 'Front', has_drawer: true, is_automatic: true, ...printer }
  return { printer: full, has_scale: false, waiting: 0, perhaps: 0 }
}
function paidBy(tender: 'cash' | 'card'): Receipt {
  return { uuid: SALE, payments: [{ tender, amount: 100 }] } as unknown as Receipt
}
async function counterWith(printer: Parameters<typeof stands>[0]) {
  vi.mocked(api.counter).mockResolvedValue(stands(printer))
  const counter = useCounterStore()
  await counter.look()
  return counter
}

beforeEach(() => {
  vi.resetAllMocks()
  setActivePinia(createPinia())
  vi.mocked(api.printReceipt).mockResolvedValue(printed)
  vi.mocked(api.openDrawer).mockResolvedValue({})
})

test('a cash sale opens the drawer and prints the original under the uuid of the sale', async () => {
  const counter = await counterWith({})

  await counter.afterSale(paidBy('cash'))

  expect(api.openDrawer).toHaveBeenCalledWith('T1', SALE)
  expect(api.printReceipt).toHaveBeenCalledWith({ uuid: SALE, sale_uuid: SALE, till: 'T1', is_copy: false })
})

test('a sale by card leaves the drawer shut', async () => {
  const counter = await counterWith({})

  await counter.afterSale(paidBy('card'))

  expect(api.openDrawer).not.toHaveBeenCalled()
  expect(api.printReceipt).toHaveBeenCalledOnce()
})

test('a till without printer asks for nothing', async () => {
  const counter = await counterWith(null)

  await counter.afterSale(paidBy('cash'))

  expect(api.openDrawer).not.toHaveBeenCalled()
  expect(api.printReceipt).not.toHaveBeenCalled()
})

test('the second print of a receipt is a copy under a uuid of its own', async () => {
  const counter = await counterWith({})
  await counter.print(paidBy('card'), false)

  await counter.print(paidBy('card'), false)

  const second = vi.mocked(api.printReceipt).mock.calls[1]?.[0]
  expect(second?.is_copy).toBe(true)
  expect(second?.uuid).not.toBe(SALE)
})

test('a receipt that is stuck is tried again instead of printed twice', async () => {
  const counter = await counterWith({})
  vi.mocked(api.printReceipt).mockResolvedValue({ ...printed, state: 'perhaps' })
  vi.mocked(api.printAgain).mockResolvedValue(printed)
  await counter.print(paidBy('card'), false)

  await counter.print(paidBy('card'), false)

  expect(api.printReceipt).toHaveBeenCalledOnce()
  expect(api.printAgain).toHaveBeenCalledWith(SALE)
})

test('a receipt that came to paper meanwhile is not printed again', async () => {
  const counter = await counterWith({})
  vi.mocked(api.printReceipt).mockResolvedValue({ ...printed, state: 'given_up' })
  vi.mocked(api.printAgain).mockRejectedValue(new ApiError(409, 'print_job_state', ''))
  vi.mocked(api.printJob).mockResolvedValue(printed)
  await counter.print(paidBy('card'), false)

  await counter.print(paidBy('card'), false)

  expect(counter.jobOf(paidBy('card'))).toEqual(printed)
  expect(api.printReceipt).toHaveBeenCalledOnce()
})

test('receipts that are not on paper are counted until they are', async () => {
  vi.useFakeTimers()
  vi.mocked(api.counter).mockResolvedValueOnce({ ...stands({}), waiting: 2, perhaps: 1 }).mockResolvedValue(stands({}))
  useSessionStore().user = {} as User
  const counter = useCounterStore()

  await counter.look()
  const before = counter.notOnPaper
  await vi.advanceTimersByTimeAsync(15_000)

  expect([before, counter.notOnPaper]).toEqual([3, 0])
  vi.useRealTimers()
})

test('nobody is asked while nobody is signed in', async () => {
  vi.useFakeTimers()
  vi.mocked(api.counter).mockResolvedValue({ ...stands({}), waiting: 1 })
  await useCounterStore().look()

  await vi.advanceTimersByTimeAsync(60_000)

  expect(api.counter).toHaveBeenCalledOnce()
  vi.useRealTimers()
})

test('a printer that cannot be reached never fails the sale', async () => {
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockRejectedValue(new Error('off'))
  vi.mocked(api.printReceipt).mockRejectedValue(new Error('off'))

  await expect(counter.afterSale(paidBy('cash'))).resolves.toBeUndefined()
})
