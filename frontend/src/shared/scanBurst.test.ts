import { expect, test } from 'vitest'
import { ScanBurst } from './scanBurst'

function type(burst: ScanBurst, text: string, everyMs: number, from = 0): number {
  return [...text].reduce((at, character) => { burst.add(character, at); return at + everyMs }, from)
}

test('fast characters and Enter are a scan', () => {
  const burst = new ScanBurst()
  const at = type(burst, '4006381333931', 4)

  expect(burst.finish(at)?.text).toBe('4006381333931')
})

test('a person typing the same code is not a scan', () => {
  const burst = new ScanBurst()
  const at = type(burst, '4006381333931', 90)

  expect(burst.finish(at)).toBeNull()
})

test('one hiccup of the machine does not cut a scan in two', () => {
  const burst = new ScanBurst()
  burst.add('5', 0)
  const at = type(burst, '449000000996', 4, 110)

  expect(burst.finish(at)?.text).toBe('5449000000996')
})

test('a long stall in the middle of a scan does not cut it either', () => {
  const burst = new ScanBurst()
  const stalled = type(burst, '54490', 4)
  const at = type(burst, '00000996', 4, stalled + 450)

  expect(burst.finish(at)?.text).toBe('5449000000996')
})

test('digits typed before a scan are not part of it', () => {
  const burst = new ScanBurst()
  const typedUntil = type(burst, '12', 120)
  const at = type(burst, '4006381333931', 4, typedUntil)

  expect(burst.finish(at)?.text).toBe('4006381333931')
})

test('a multiply sign is never part of the scan that follows at once', () => {
  const burst = new ScanBurst()
  const typedUntil = type(burst, '12*', 3)
  const at = type(burst, '4006381333931', 3, typedUntil)

  expect(burst.finish(at)?.text).toBe('4006381333931')
})

test('Enter long after the last character is a person', () => {
  const burst = new ScanBurst()
  const at = type(burst, '4006381333931', 4)

  expect(burst.finish(at + 600)).toBeNull()
})

test('thirty scans in a row stay thirty scans', () => {
  const burst = new ScanBurst()
  const codes = Array.from({ length: 30 }, (_, i) => String(4000000000000 + i))

  const read = codes.map((code, i) => burst.finish(type(burst, code, 2, i * 33))?.text)

  expect(read).toEqual(codes)
})

test('a scan torn apart at its first characters is put together by its check digit', () => {
  const burst = new ScanBurst()
  burst.add('3', 0)
  burst.add('8', 190)
  const at = type(burst, '50334018236', 4, 480)

  expect(burst.finish(at)).toEqual({ text: '3850334018236', runs: 3 })
})

test('a digit typed by hand just before a whole code is left alone', () => {
  const burst = new ScanBurst()
  burst.add('7', 0)
  const at = type(burst, '3850334018236', 4, 300)

  expect(burst.finish(at)).toEqual({ text: '3850334018236', runs: 1 })
})
