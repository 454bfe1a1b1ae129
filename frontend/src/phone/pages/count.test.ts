import { createPinia, setActivePinia } from 'pinia'
import { createApp } from 'vue'
import { beforeEach, afterEach, expect, test, vi } from 'vitest'
import { Unreachable } from '@/shared/errors'
import { i18n } from '../i18n'
import { memoryShelf } from '../offline/shelfStub'
import type { Sheet } from '../types'
import { codeTaker } from '../useCodes'

const memory = vi.hoisted(() => ({ shelf: {} as ReturnType<typeof memoryShelf> }))
const server = vi.hoisted(() => ({ sheet: vi.fn(), count: vi.fn() }))
vi.mock('../offline/shelf', () => ({ get shelf() { return memory.shelf } }))
vi.mock('../api', () => server)
vi.mock('@/shared/api', () => ({ session: vi.fn(), setApiLocale: vi.fn(), byBarcode: vi.fn() }))
vi.mock('@/shared/sound', () => ({ beep: vi.fn() }))

const { useCountingStore } = await import('../stores/counting')
const { useSessionStore } = await import('../stores/session')
const { default: CountPage } = await import('./CountPage.vue')

const line = { product_id: 1, name: 'Milk', unit: 'piece' as const, shelf: 'A1', barcode: '111', counted: null, needs_recount: false }
const sheet: Sheet = { id: 5, state: 'open', kind: 'shelf', name: 'A1', opened_at: '2026-03-02T08:00:00Z', products: 2, counted: 0, recounts: 0, lines: [line, { ...line, product_id: 2, name: 'Tea', barcode: '222' }] }
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const titles = () => [...document.querySelectorAll('[role="dialog"] h2')].map((one) => one.textContent)
let close: () => void

/** Key in a figure of Milk and tap on save, on a phone whose memory answers when told to. */
async function saving(keep: () => Promise<void>) {
  codeTaker()?.take('111')
  await settled()
  const add = memory.shelf.add
  vi.spyOn(memory.shelf, 'add').mockImplementationOnce(async (...entry) => { await keep(); await add(...entry) })
  const field = document.querySelector('[data-testid="count-quantity"]') as HTMLInputElement
  field.value = '3'
  field.dispatchEvent(new Event('input'))
  await settled()
  document.querySelector('.pad-form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settled()
}

beforeEach(async () => {
  localStorage.clear()
  document.body.innerHTML = ''
  const pinia = createPinia()
  setActivePinia(pinia)
  memory.shelf = memoryShelf()
  server.sheet.mockResolvedValue(sheet)
  server.count.mockRejectedValue(new Unreachable('network'))
  useSessionStore().holder = { id: 7, permissions: [], store: { name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2 } }
  const app = createApp(CountPage, { id: '5' }).use(pinia).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
  await settled()
})
afterEach(() => close())

test('the next product may be scanned while the last figure is being written down', async () => {
  let written: () => void = () => undefined
  await saving(() => new Promise((resolve) => { written = resolve }))

  codeTaker()?.take('222')
  await settled()
  const meanwhile = titles()
  written()
  await settled()
  await settled()

  expect([meanwhile, titles()]).toEqual([['Milk'], ['Tea']])
  expect(memory.shelf.rows().map(({ body }) => body)).toMatchObject([{ product_id: 1, quantity: 3000 }])
})

test('a figure that could not be kept stays in front, whatever is scanned', async () => {
  let fail: () => void = () => undefined
  await saving(() => new Promise((_resolve, reject) => { fail = () => reject(new Error('full')) }))

  codeTaker()?.take('222')
  fail()
  await settled()
  codeTaker()?.take('222')
  await settled()

  expect(titles()).toEqual(['Milk'])
  expect(memory.shelf.rows()).toEqual([])
})

test('a figure is added to what the server has counted by then, not to what stood there at the scan', async () => {
  codeTaker()?.take('111')
  await settled()
  server.sheet.mockResolvedValue({ ...sheet, lines: [{ ...line, counted: 12000 }] })
  await useCountingStore().loadSheet(5)

  const field = document.querySelector('[data-testid="count-quantity"]') as HTMLInputElement
  field.value = '3'
  field.dispatchEvent(new Event('input'))
  await settled()
  document.querySelector('.pad-form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settled()

  expect(document.querySelector('[data-testid="count-add"]')?.textContent).toContain('15')
})

test('who has counted a product already may say that it was a mistake', async () => {
  await saving(() => Promise.resolve())
  await saving(() => Promise.resolve())
  const button = document.querySelector('[data-testid="count-instead"]') as HTMLButtonElement
  const words = button.textContent

  button.click()
  await settled()
  await settled()

  expect(words).toBe('That was wrong: 3 in all')
  expect(useCountingStore().lines[0]?.mine).toBe(3000)
  expect(document.querySelector('[role="dialog"]')).toBeNull()
})
