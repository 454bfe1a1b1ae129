import { expect, it } from 'vitest'
import { isQuiet, standing } from './soFar'

const day = { receipts: 0, refunds: 0, expected: 0, expected_by_now: 0 }

it.each([
  ['an early morning', { expected: 900_00 }, 'nothingToday'],
  ['a morning without a customer', { expected: 900_00, expected_by_now: 120_00 }, 'nothingByNow'],
  ['a first day', {}, 'nothing'],
  ['a day with sales', { receipts: 3, expected: 900_00, expected_by_now: 120_00 }, 'against'],
  ['a day that only took goods back', { refunds: 1, expected: 900_00, expected_by_now: 120_00 }, 'against'],
  ['sales before anybody usually buys', { receipts: 1, expected: 900_00 }, 'noExpectation'],
])('says of %s what can be said', (_name, change, words) => {
  expect(standing({ ...day, ...change })).toBe(words)
})

it('calls a report quiet only when nothing was sold and nothing came back', () => {
  const figures = { units: 0, net: 0 }

  expect(isQuiet(figures)).toBe(true)
  expect(isQuiet({ ...figures, units: 1000 })).toBe(false)
  expect(isQuiet({ ...figures, net: -250 })).toBe(false)
})
