import { expect, test } from 'vitest'
import { printed, quantityOf } from './useFormat'

test.each([
  ['0', 'piece', 0], ['12', 'piece', 12000], ['1.5', 'piece', null], ['1,5', 'kg', 1500], ['0.4505', 'kg', null], ['', 'piece', null],
  ['9999999', 'piece', null], ['1.5', null, 1500], ['-1', 'piece', null],
] as const)('%j of %s is %s thousandths', (text, unit, thousandths) => {
  expect(quantityOf(text, unit)).toBe(thousandths)
})

test('a code is shown as it is printed', () => {
  expect(['03850334043641', '00000096385074', '14006381333938', 'A-12', null].map(printed)).toEqual(['3850334043641', '96385074', '14006381333938', 'A-12', ''])
})
