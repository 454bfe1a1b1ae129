import { expect, test } from 'vitest'
import { parseDecimal, parseEntry, parseQuantity } from './parse'

test('a decimal is read with comma or point as an exact integer', () => {
  expect(parseDecimal('1.5', 2)).toBe(150)
  expect(parseDecimal('1,05', 2)).toBe(105)
  expect(parseDecimal('.5', 3)).toBe(500)
  expect(parseDecimal('20', 2)).toBe(2000)
})

test('full-width digits of a Chinese keyboard count', () => {
  expect(parseDecimal('１２．５', 2)).toBe(1250)
})

test('what is no number or too fine is refused', () => {
  for (const text of ['', '.', '-1', '1.234', '1e5', '1.2.3', 'abc', '1234567890']) expect(parseDecimal(text, 2)).toBeNull()
})

test('pieces are whole and above zero', () => {
  expect(parseQuantity('3', 'piece')).toBe(3000)
  expect(parseQuantity('1.5', 'piece')).toBeNull()
  expect(parseQuantity('0', 'piece')).toBeNull()
})

test('a weight has at most three decimals', () => {
  expect(parseQuantity('0.455', 'kg')).toBe(455)
  expect(parseQuantity('0.0004', 'kg')).toBeNull()
})

test.each([
  ['12*', { times: 12000, code: '' }],
  ['12 × 4006381333931', { times: 12000, code: '4006381333931' }],
  ['3x1004', { times: 3000, code: '1004' }],
  ['0.450*1004', { times: 450, code: '1004' }],
  ['4006381333931', { times: null, code: '4006381333931' }],
  ['oat milk', { times: null, code: 'oat milk' }],
  ['0*55', { times: null, code: '0*55' }],
])('the entry %s is split into multiplier and code', (text, expected) => {
  expect(parseEntry(text)).toEqual(expected)
})
