import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, nextTick, type App, type Component } from 'vue'
import type { Product, Receipt } from '@/shared/types'
import { lineOfProduct } from '../basketLines'
import { i18n } from '../i18n'
import RefundForm from '../parts/RefundForm.vue'
import { useCheckoutStore } from '../stores/checkout'
import { hotkey } from '../useHotkeys'
import ApprovalDialog from './ApprovalDialog.vue'
import ChooseDialog from './ChooseDialog.vue'
import PayDialog from './PayDialog.vue'
import QuantityDialog from './QuantityDialog.vue'
import ReceiptDialog from './ReceiptDialog.vue'
import WeightDialog from './WeightDialog.vue'

const milk: Product = { id: 1, sku: '1', gtin: null, name: 'Milk', unit: 'piece', price: 862, available: 9000, on_hand: 9000, category: null, policy: 'block' }
const gouda: Product = { ...milk, id: 2, name: 'Gouda', unit: 'kg' }
const done = vi.fn()
let app: App
let host: HTMLElement

function show(part: Component, props: object) {
  app = createApp(part, { ...props, onDone: done }).use(i18n)
  app.mount(host)
}
const field = () => host.querySelector<HTMLInputElement>('input')
async function type(text: string) {
  const input = field()
  if (!input) throw new Error('no field')
  input.value = text
  input.dispatchEvent(new Event('input'))
  await nextTick()
}
async function submit() {
  host.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await nextTick()
}
const said = () => host.querySelector('[role=alert]')?.textContent

beforeEach(() => {
  localStorage.clear()
  done.mockReset()
  setActivePinia(createPinia())
  host = document.body.appendChild(document.createElement('div'))
})
afterEach(() => {
  app.unmount()
  host.remove()
})

test('more than one line may have is refused where it is typed', async () => {
  show(QuantityDialog, { line: lineOfProduct(milk, 1000) })
  await type('1000')

  await submit()

  expect([said(), done.mock.calls]).toEqual(['At most 999 on one line', []])
})

test('as much as one line may have is taken', async () => {
  show(QuantityDialog, { line: lineOfProduct(milk, 1000) })
  await type('999')

  await submit()

  expect(done.mock.calls).toEqual([[999_000]])
})

test('grams typed as kilograms are refused where they are typed', async () => {
  show(WeightDialog, { product: gouda })
  await type('1500')

  await submit()

  expect([said(), done.mock.calls]).toEqual(['At most 999 on one line', []])
})

test('a thousand and more in change asks for a second Enter', async () => {
  useCheckoutStore().addProduct(milk, 1000)
  show(PayDialog, { tender: 'cash', payments: [] })
  await type('100000')

  await submit()
  const first = [said(), done.mock.calls.length]
  await submit()

  expect(first).toEqual(['The change would be €99,991.38. Press Enter once more if that is right.', 0])
  expect(done.mock.calls).toEqual([[[{ tender: 'cash', amount: 10_000_000 }]]])
})

test('another amount after the question is asked about anew', async () => {
  useCheckoutStore().addProduct(milk, 1000)
  show(PayDialog, { tender: 'cash', payments: [] })
  await type('100000')
  await submit()
  await type('200000')

  await submit()

  expect([said(), done.mock.calls.length]).toEqual(['The change would be €199,991.38. Press Enter once more if that is right.', 0])
})

test.each([[false, 0], [true, 1]])('Backspace in the empty field, held: %s, leaves %i part payments', async (repeat, left) => {
  useCheckoutStore().addProduct(milk, 1000)
  show(PayDialog, { tender: 'cash', payments: [{ tender: 'card', amount: 100 }] })

  field()?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Backspace', repeat }))
  await nextTick()

  expect(host.querySelectorAll('.paid li')).toHaveLength(left)
})

test('a round sum is selected, so that another amount replaces it', async () => {
  useCheckoutStore().addProduct(milk, 1000)
  show(PayDialog, { tender: 'cash', payments: [] })

  hotkey('ArrowDown')?.()
  await nextTick()
  await nextTick()

  expect([field()?.value, field()?.selectionStart, field()?.selectionEnd]).toEqual(['10.00', 0, 5])
})

test('the products to choose from have the focus and say what they are', async () => {
  show(ChooseDialog, { code: '123', products: [milk, gouda] })

  await nextTick()

  const list = document.activeElement
  expect([list?.getAttribute('role'), list?.getAttribute('aria-label'), list?.getAttribute('aria-activedescendant')]).toEqual(['listbox', 'Which product is it?', 'chosen-0'])
})

test('a supervisor who has typed a name alone is led to the password', async () => {
  show(ApprovalDialog, { action: 'goods_in_hand', subject: 'u', about: 'Milk' })
  await type('maja')

  await submit()

  expect([document.activeElement?.getAttribute('name'), said()]).toEqual(['approver-password', ''])
})

test('one key takes back everything that is left on a receipt', async () => {
  const line = { id: 7, product_id: 1, name: 'Milk', unit: 'piece', quantity: 3000, unit_price: 862, total: 2586, returned: 1000 }
  const weighed = { ...line, id: 8, name: 'Gouda', unit: 'kg', quantity: 452, returned: 0 }
  const gone = { ...line, id: 9, name: 'Tea', returned: 3000 }
  const receipt = { uuid: 'u', number: 'S1-1', lines: [line, weighed, gone], total: 1, currency: 'EUR', minor_digits: 2 } as unknown as Receipt
  show(RefundForm, { receipt })

  host.querySelectorAll<HTMLButtonElement>('.choices button')[1]?.click()
  await nextTick()

  expect([...host.querySelectorAll<HTMLInputElement>('.short-input')].map((input) => input.value)).toEqual(['2', '0.452', ''])
  expect(document.activeElement?.id).toBe('refund-reason')
})

test('a long receipt is read by keys', async () => {
  const receipt = { uuid: 'u', number: 'S1-1', lines: [], payments: [], store: {}, total: 1, change: 0, currency: 'EUR', minor_digits: 2, sold_at: '2026-01-05T10:00:00Z' } as unknown as Receipt
  show(ReceiptDialog, { receipt, isFresh: true, isPrinted: false })
  const paper = host.querySelector('.paper-frame')
  if (!paper) throw new Error('no paper')
  Object.defineProperty(paper, 'clientHeight', { value: 500 })
  const scrollBy = vi.spyOn(paper, 'scrollBy').mockReturnValue()

  hotkey('PageDown')?.()
  hotkey('ArrowUp')?.()

  expect(scrollBy.mock.calls).toEqual([[{ top: 450 }], [{ top: -100 }]])
})
