import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createScanner, type ScannerOptions } from './useScanner'

const CODE = '4006381333931'
let field: HTMLInputElement
let button: HTMLButtonElement
let now = 0
let options: { [K in keyof ScannerOptions]: ReturnType<typeof vi.fn<ScannerOptions[K]>> }
let listener: (event: KeyboardEvent) => void

/** A key as the browser sends it: the listener first, then the character lands in the field. */
function press(key: string, gapMs = 3, more: KeyboardEventInit = {}): KeyboardEvent {
  now += gapMs
  vi.advanceTimersByTime(gapMs)
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  Object.defineProperty(event, 'timeStamp', { value: now })
  listener(event)
  if (key.length === 1 && !event.defaultPrevented && document.activeElement === field) field.value += key
  return event
}
function scan(code = CODE): KeyboardEvent {
  press(code[0] ?? '', 400)
  for (const character of code.slice(1)) press(character)
  return press('Enter')
}

beforeEach(() => {
  vi.useFakeTimers()
  now = 0
  document.body.innerHTML = '<input /><button>x</button>'
  field = document.querySelector('input') as HTMLInputElement
  button = document.querySelector('button') as HTMLButtonElement
  options = { onScan: vi.fn(), accepts: vi.fn(() => true), hotkey: vi.fn(() => undefined), onKey: vi.fn(), home: vi.fn(() => field) }
  listener = createScanner(options)
  field.focus()
})
afterEach(() => vi.useRealTimers())

test('a scan is reported once and its Enter reaches nobody', () => {
  const enter = scan()

  expect(options.onScan.mock.calls).toEqual([[CODE]])
  expect(enter.defaultPrevented).toBe(true)
  expect(options.onKey).not.toHaveBeenCalled()
})

test('a scan into a field puts back what was in it', () => {
  field.value = '0.45'
  const seen: string[] = []
  field.addEventListener('input', () => seen.push(field.value))

  scan()

  expect(field.value).toBe('0.45')
  expect(seen).toEqual(['0.45'])
})

test('thirty scans in one second are thirty scans in order', () => {
  const codes = Array.from({ length: 30 }, (_, i) => String(4000000000000 + i))

  for (const code of codes) {
    for (const character of code) press(character, 2)
    press('Enter', 2)
  }

  expect(options.onScan.mock.calls.flat()).toEqual(codes)
  expect(field.value).toBe('')
})

test('typing by hand stays in the field and Enter is an ordinary key', () => {
  for (const character of '1004') press(character, 90)
  press('Enter', 90)

  expect(field.value).toBe('1004')
  expect(options.onScan).not.toHaveBeenCalled()
  expect(options.onKey).toHaveBeenCalledOnce()
})

test('the second Enter of a scanner that sends two does nothing', () => {
  scan()

  const second = press('Enter', 5)

  expect(second.defaultPrevented).toBe(true)
  expect(options.onKey).not.toHaveBeenCalled()
})

test('a multiplier typed before a scan stays in the field', () => {
  for (const character of '12*') press(character, 70)

  for (const character of CODE) press(character)
  press('Enter')

  expect(options.onScan.mock.calls).toEqual([[CODE]])
  expect(field.value).toBe('12*')
})

test('a scan torn apart by a busy machine leaves nothing in the field', () => {
  press('4', 400)
  press('0', 300)
  for (const character of CODE.slice(2)) press(character)
  press('Enter')

  expect(options.onScan.mock.calls).toEqual([[CODE]])
  expect(field.value).toBe('')
})

test('a held Enter is not pressed again and again', () => {
  press('Enter', 500, { repeat: true })

  expect(options.onKey).not.toHaveBeenCalled()
})

test('a code that begins with a hotkey is still a code', () => {
  const action = vi.fn()
  options.hotkey.mockImplementation((character) => (character === '+' ? action : undefined))

  scan('+A12345')
  vi.advanceTimersByTime(1000)

  expect(options.onScan.mock.calls).toEqual([['+A12345']])
  expect(action).not.toHaveBeenCalled()
})

test('a hotkey alone acts', () => {
  const action = vi.fn()
  options.hotkey.mockReturnValue(action)

  press('+', 500)
  vi.advanceTimersByTime(200)

  expect(action).toHaveBeenCalledOnce()
})

test('what may be no scan here is typed as it stands', () => {
  options.accepts.mockReturnValue(false)

  const enter = scan('secret')

  expect(field.value).toBe('secret')
  expect(enter.defaultPrevented).toBe(false)
  expect(options.onScan).not.toHaveBeenCalled()
})

test('with the focus on a button a scan presses nothing', () => {
  options.home.mockReturnValue(null)
  button.focus()

  press('A', 400)
  const space = press(' ')
  for (const character of '123') press(character)
  const enter = press('Enter')

  expect(space.defaultPrevented).toBe(true)
  expect(enter.defaultPrevented).toBe(true)
  expect(options.onScan.mock.calls).toEqual([['A 123']])
})

test('an input method that hides the digits does not hide the scan', () => {
  for (const digit of '40063813') press('Process', 3, { code: `Digit${digit}` })
  press('Enter')

  expect(options.onScan.mock.calls).toEqual([['40063813']])
})
