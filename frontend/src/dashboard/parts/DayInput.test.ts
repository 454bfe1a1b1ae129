import { createApp, h, ref } from 'vue'
import { afterEach, expect, test, vi } from 'vitest'
import { i18n } from '../i18n'
import DayInput from './DayInput.vue'

let close = () => {}
const showPicker = vi.fn()
Object.assign(HTMLInputElement.prototype, { showPicker })
afterEach(() => close())

function show(first: string) {
  const day = ref(first)
  const app = createApp(() => h(DayInput, {
    label: 'From', isWrong: false, saidBy: '', modelValue: day.value, 'onUpdate:modelValue': (next: string) => { day.value = next },
  })).use(i18n)
  const root = document.body.appendChild(document.createElement('div'))
  app.mount(root)
  close = () => app.unmount()
  const [field, calendar] = [...root.querySelectorAll('input')] as [HTMLInputElement, HTMLInputElement]
  return { day, field, calendar, open: () => root.querySelector('button')?.click() }
}

test('a day is written as everywhere, whatever the browser would make of it', () => {
  const { field } = show('2026-03-02')

  expect([field.type, field.value]).toEqual(['text', '2026-03-02'])
})

test('a day typed without its strokes gets them', () => {
  const { day, field } = show('')

  field.value = '20260302'
  field.dispatchEvent(new Event('input'))
  field.dispatchEvent(new Event('change'))

  expect(day.value).toBe('2026-03-02')
})

test('the calendar opens at the day, and what is chosen there stands in the field', () => {
  const { day, field, calendar, open } = show('2026-03-02')

  open()
  const shown = calendar.value
  calendar.value = '2026-03-05'
  calendar.dispatchEvent(new Event('change'))

  expect(showPicker).toHaveBeenCalledOnce()
  expect([shown, day.value]).toEqual(['2026-03-02', '2026-03-05'])
  expect(document.activeElement).toBe(field)
})
