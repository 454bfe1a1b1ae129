import { formatMoment, formatMoney, formatQuantity } from '@/shared/format'
import { parseDecimal } from '@/shared/parse'
import type { Unit } from '@/shared/types'
import { useSessionStore } from './stores/session'

/** More than any shelf holds; the server refuses the rest by name. */
export const MOST = 1_000_000_000

/** Money, quantity and time as the reader knows them. */
export function useFormat() {
  const session = useSessionStore()
  const tag = () => (session.locale === 'zh' ? 'zh-CN' : 'en')

  const money = (minor: number) =>
    formatMoney(minor, session.holder?.store ?? { currency: 'EUR', minor_digits: 2 }, session.locale)
  const quantity = (thousandths: number, unit: Unit | null) => formatQuantity(thousandths, unit ?? 'piece', session.locale)
  const moment = (iso: string) => formatMoment(iso, session.holder?.store.time_zone ?? 'UTC')
  /** A calendar day, which has no zone. */
  const day = (iso: string) =>
    new Intl.DateTimeFormat(tag(), { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(`${iso.slice(0, 10)}T00:00Z`))
  return { money, quantity, moment, day }
}

/** A product code as printed: the shop pads all to 14 digits. */
export function printed(code: string | null): string {
  const digits = code ?? ''
  if (!/^0\d{13}$/.test(digits)) return digits
  return digits.startsWith('000000') ? digits.slice(6) : digits.slice(1)
}

/** What was typed as thousandths, zero included; null when it is no such quantity. */
export function quantityOf(text: string, unit: Unit | null): number | null {
  const value = parseDecimal(text, 3)
  if (value === null || value > MOST) return null
  return unit === 'piece' && value % 1000 ? null : value
}
