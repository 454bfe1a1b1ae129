import { expect, test } from 'vitest'
import { isGtin } from './gtin'

test.each(['4006381333931', '96385074', '036000291452', '13850334043648'])('%s has the right check digit', (code) => {
  expect(isGtin(code)).toBe(true)
})

test.each(['4006381333930', '006381333931', '1234567', 'S1-00000042', ''])('%s is no barcode of goods', (code) => {
  expect(isGtin(code)).toBe(false)
})
