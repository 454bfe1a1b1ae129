import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/shared/api'
import { ApiError } from '@/shared/errors'
import { useNoticeStore } from '@/shared/notices'
import type { Counter, PrintJob, Receipt, Refund, User } from '@/shared/types'
import { useCounterStore } from './counter'
import { useSessionStore } from './session'

vi.mock('@/shared/api')

const SALE = '11111111-2222-4333-8444-555555555555'
const REFUND = '66666666-7777-4888-8999-000000000000'
const printed: PrintJob = { uuid: SALE, state: 'printed', copy_number: 0, problem: '' }

function stands(printer: Partial<NonNullable<Counter['printer']>> | null): Counter {
  const full = printer && { name: 'Front', has_drawer: true, is_automatic: true, ...printer }
  return { printer: full, has_scale: false, waiting: 0, perhaps: 0 }
}
function paidBy(tender: 'cash' | 'card'): Receipt {
  return { uuid: SALE, payments: [{ tender, amount: 100 }] } as unknown as Receipt
}
function givenBackBy(tender: 'cash' | 'card'): Refund {
  return { uuid: REFUND, payments: [{ tender, amount: 100 }] } as unknown as Refund
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

  expect(api.openDrawer).toHaveBeenCalledWith('T1', { sale_uuid: SALE })
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
  vi.useFakeTimers()
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockRejectedValue(new Error('off'))
  vi.mocked(api.printReceipt).mockRejectedValue(new Error('off'))

  const sold = counter.afterSale(paidBy('cash'))
  await vi.advanceTimersByTimeAsync(10_000)

  await expect(sold).resolves.toBeUndefined()
  vi.useRealTimers()
})

test('a refund in cash opens the drawer under its own uuid', async () => {
  const counter = await counterWith({})

  await counter.afterRefund(givenBackBy('cash'))

  expect(vi.mocked(api.openDrawer).mock.calls).toEqual([['T1', { refund_uuid: REFUND }]])
  expect(counter.drawerShut).toBe('')
})

test('a refund to a card leaves the drawer shut', async () => {
  const counter = await counterWith({})

  await counter.afterRefund(givenBackBy('card'))

  expect(api.openDrawer).not.toHaveBeenCalled()
})

test('a drawer whose printer is off is said to be shut, with what to do', async () => {
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockRejectedValue(new ApiError(409, 'printer_away', 'Switch the printer on.'))

  await counter.afterSale(paidBy('cash'))

  expect(useNoticeStore().items.map((notice) => [notice.tone, notice.text])).toEqual([['bad', 'The drawer did not open. Switch the printer on.']])
  expect(counter.drawerShut).toBe('The drawer did not open. Switch the printer on.')
})

test('the next sale whose drawer opens takes the words away', async () => {
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockRejectedValueOnce(new ApiError(409, 'printer_away', 'Off.'))
  await counter.afterSale(paidBy('cash'))

  await counter.afterSale(paidBy('cash'))

  expect(counter.drawerShut).toBe('')
})

test('a drawer for which nobody has time is asked for again, and nothing is said when it opens', async () => {
  vi.useFakeTimers()
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockRejectedValueOnce(new ApiError(503, 'busy', '', {}, 1))

  void counter.afterRefund(givenBackBy('cash'))
  await vi.advanceTimersByTimeAsync(30_000)

  expect(api.openDrawer).toHaveBeenCalledTimes(2)
  expect(useNoticeStore().items).toEqual([])
  vi.useRealTimers()
})

test('a drawer without an answer is said to be shut after ten seconds and not asked for any more', async () => {
  vi.useFakeTimers()
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockImplementation(() => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 8000)))

  void counter.afterRefund(givenBackBy('cash'))
  await vi.advanceTimersByTimeAsync(9_900)
  const before = counter.drawerShut
  await vi.advanceTimersByTimeAsync(60_000)

  expect([before, counter.drawerShut]).toEqual(['', 'The drawer did not open. Open it with its key.'])
  expect(api.openDrawer).toHaveBeenCalledTimes(2)
  vi.useRealTimers()
})

test('the receipt does not wait for a drawer that gives no answer', async () => {
  vi.useFakeTimers()
  const counter = await counterWith({})
  vi.mocked(api.openDrawer).mockImplementation(() => new Promise(() => {}))

  void counter.afterSale(paidBy('cash'))
  await vi.advanceTimersByTimeAsync(2_000)

  expect(api.printReceipt).toHaveBeenCalledOnce()
  vi.useRealTimers()
})
