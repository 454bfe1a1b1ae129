import { expect, test } from 'vitest'
import { decimalText, formatDay, formatMoment, formatMoney, formatQuantity } from './format'

const EUR = { currency: 'EUR', minor_digits: 2 }
const JPY = { currency: 'JPY', minor_digits: 0 }

test('minor units become decimal text with every digit kept', () => {
  expect(decimalText(1234, 2)).toBe('12.34')
  expect(decimalText(5, 2)).toBe('0.05')
  expect(decimalText(-70, 2)).toBe('-0.70')
  expect(decimalText(500, 0)).toBe('500')
})

test('money shows the symbol and exactly the digits of its currency', () => {
  expect(formatMoney(123456, EUR, 'en')).toBe('€1,234.56')
  expect(formatMoney(500, JPY, 'en')).toBe('¥500')
})

test('money too long for a float keeps its last cent', () => {
  expect(formatMoney(9007199254740991, EUR, 'en')).toBe('€90,071,992,547,409.91')
})

test('money in Chinese is the same amount', () => {
  expect(formatMoney(1290, { currency: 'CNY', minor_digits: 2 }, 'zh')).toBe('¥12.90')
})

test('pieces show no decimals and kilograms three', () => {
  expect(formatQuantity(12000, 'piece', 'en')).toBe('12')
  expect(formatQuantity(450, 'kg', 'en')).toBe('0.450 kg')
})

test('a moment is told in the zone of the shop, as on the paper receipt, in every language', () => {
  expect(formatMoment('2026-03-01T23:05:40Z', 'Asia/Shanghai')).toBe('2026-03-02\u00a007:05')
  expect(formatMoment('2026-03-01T13:30:00Z', 'Europe/Zagreb')).toBe('2026-03-01\u00a014:30')
})

test('midnight begins a day: it is 00:00, not 24:00', () => {
  expect(formatMoment('2026-03-01T23:00:00Z', 'Europe/Zagreb')).toBe('2026-03-02\u00a000:00')
})

test('a calendar day of a list has its weekday and the date of the receipts', () => {
  expect(formatDay('2026-03-02', 'en')).toBe('Mon 2026-03-02')
  expect(formatDay('2026-03-02', 'zh')).toBe('周一 2026-03-02')
})
