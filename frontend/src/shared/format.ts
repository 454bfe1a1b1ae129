import type { Currency, Locale, Unit } from './types'

const TAGS: Record<Locale, string> = { en: 'en', zh: 'zh-CN' }

/** `1234` with 2 digits is `"12.34"`; exact for every safe integer. */
export function decimalText(value: number, digits: number): string {
  const sign = value < 0 ? '-' : ''
  const text = String(Math.abs(value)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  return sign + (digits ? `${whole}.${text.slice(-digits)}` : whole)
}

/** Minor units as money in the reader's language: `1234` EUR is `€12.34`. */
export function formatMoney(minor: number, { currency, minor_digits }: Currency, locale: Locale): string {
  const format = new Intl.NumberFormat(TAGS[locale], {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: minor_digits,
    maximumFractionDigits: minor_digits,
  })
  return format.format(decimalText(minor, minor_digits) as Intl.StringNumericLiteral)
}

/** Thousandths as pieces (`12`) or kilograms with three decimals (`0.450 kg`). */
export function formatQuantity(thousandths: number, unit: Unit, locale: Locale): string {
  const digits = unit === 'kg' || thousandths % 1000 ? 3 : 0
  const format = new Intl.NumberFormat(TAGS[locale], { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const text = format.format(decimalText(thousandths, 3) as Intl.StringNumericLiteral)
  return unit === 'kg' ? `${text} kg` : text
}

/** An ISO instant as date and time in the shop's own zone, written as on paper and in the office: they are compared. */
export function formatMoment(iso: string, timeZone: string): string {
  const two = '2-digit'
  const style = { year: 'numeric', month: two, day: two, hour: two, minute: two, hourCycle: 'h23', timeZone } as const
  const parts = new Intl.DateTimeFormat('en', style).formatToParts(new Date(iso))
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  // A date and its time stay on one line.
  return `${of('year')}-${of('month')}-${of('day')}\u00a0${of('hour')}:${of('minute')}`
}

/** A calendar day of a list, with its weekday: compared with receipts, too. */
export function formatDay(iso: string, locale: Locale): string {
  const weekday = new Intl.DateTimeFormat(TAGS[locale], { weekday: 'short', timeZone: 'UTC' })
  return `${weekday.format(new Date(`${iso}T00:00:00Z`))} ${iso}`
}
