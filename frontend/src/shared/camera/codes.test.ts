import { expect, test } from 'vitest'
import { codeOf, lookUpText, upcA } from './codes'

test.each([
  ['3850334043641', 'EAN-13', { text: '3850334043641', symbology: 'EAN-13', gtin: '03850334043641' }],
  ['0036000291452', 'EAN-13', { text: '036000291452', symbology: 'UPC-A', gtin: '00036000291452' }],
  ['01234565', 'UPC-E', { text: '01234565', symbology: 'UPC-E', gtin: '00012345000065' }],
  ['(01)09506000134352', 'GS1 DataBar', { text: '09506000134352', symbology: 'GS1 DataBar', gtin: '09506000134352' }],
  ['(01)09506000134352(15)271231', 'Code 128', { text: '(01)09506000134352(15)271231', symbology: 'Code 128', gtin: '09506000134352' }],
  ['A-17', 'Code 128', { text: 'A-17', symbology: 'Code 128', gtin: null }],
])('%s as %s is named as the shop names it', (text, symbology, expected) => {
  expect(codeOf(text, symbology)).toEqual(expected)
})

test.each([
  ['3850334043642', 'EAN-13', 'a wrong check digit'],
  ['01234566', 'UPC-E', 'a wrong check digit behind the short form'],
  ['1234567890', 'ITF-14', 'no product number'],
  ['https://example.com/menu', 'QR', 'an advertisement'],
  ['', 'Code 128', 'nothing'],
])('%s as %s is %s and no code of a shop', (text, symbology) => {
  expect(codeOf(text, symbology)).toBeNull()
})

test.each([
  ['01234501', '012000003451'], ['01234514', '012100003454'], ['01234531', '012300000451'], ['01234543', '012340000053'], ['01234565', '012345000065'],
])('UPC-E %s stands for %s', (short, long) => {
  expect(upcA(short)?.slice(0, 11)).toBe(long.slice(0, 11))
})

test.each([
  ['2100006041705', 'EAN-13', '2100006041705'],
  ['01234565', 'UPC-E', '00012345000065'],
  ['(01)09506000134352(10)AB', 'GS1 DataBar Expanded', '09506000134352'],
  ['A-17', 'Code 128', 'A-17'],
])('%s as %s is looked up as %s', (text, symbology, expected) => {
  const code = codeOf(text, symbology)

  expect(code && lookUpText(code)).toBe(expected)
})
