import { expect, test } from 'vitest'
import { isScan } from './scanText'

test.each(['4006381333931', 'S1-00000042', 'https://example.com', '01040063813339313103000450'])('%s is a code', (text) => {
  expect(isScan(text, false)).toBe(true)
})

test('a word is no code', () => {
  expect(isScan('milk', false)).toBe(false)
})

test('where somebody signs in only a long number is a code', () => {
  expect([isScan('4006381333931', true), isScan('demo-till-1', true), isScan('1234', true)]).toEqual([true, false, false])
})
