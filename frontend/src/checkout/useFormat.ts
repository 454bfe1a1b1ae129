import { computed } from 'vue'
import { formatMoment, formatMoney, formatQuantity } from '@/shared/format'
import type { Currency, Unit } from '@/shared/types'
import { useSessionStore } from './stores/session'

/** Money, quantity and time as the cashier reads them. */
export function useFormat() {
  const session = useSessionStore()
  const zone = computed(() => session.user?.store.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone)

  const money = (minor: number, currency: Currency = session.currency) => formatMoney(minor, currency, session.locale)
  const quantity = (thousandths: number, unit: Unit) => formatQuantity(thousandths, unit, session.locale)
  const moment = (iso: string) => formatMoment(iso, zone.value)
  return { money, quantity, moment }
}
