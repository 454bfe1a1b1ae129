import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import * as api from '@/shared/api'
import { formatDay, formatMoment, formatMoney, formatQuantity } from '@/shared/format'
import type { Locale, Session, Unit } from '@/shared/types'
import type { About } from './types'

const locale = ref<Locale>(document.documentElement.lang.startsWith('zh') ? 'zh' : 'en')
const session = ref<Session | null>(null)
const about = ref<About>({ stores: [], currency: 'EUR', minor_digits: 2, time_zone: 'UTC', as_of: null })
const TAGS: Record<Locale, string> = { en: 'en', zh: 'zh-CN' }

/** Who looks, in which language, and how figures are written in it. */
export function useSession() {
  const i18n = useI18n()

  function speak(value: Locale) {
    locale.value = value
    i18n.locale.value = value
    api.setApiLocale(value)
    document.documentElement.lang = value === 'zh' ? 'zh-Hans' : 'en'
    document.title = `${i18n.t('title')} · Aisle`
  }
  async function open() {
    speak(locale.value)
    api.onApiEvents({ loginAgain: () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`) })
    session.value = await api.session()
  }
  async function setLocale(value: Locale) {
    speak(value)
    await api.changeLocale(value).catch(() => undefined)
  }

  const money = (minor: number) => formatMoney(minor, about.value, locale.value)
  /** Without cents, for axes and tiles. */
  const roundMoney = (minor: number) =>
    new Intl.NumberFormat(TAGS[locale.value], {
      style: 'currency', currency: about.value.currency, currencyDisplay: 'narrowSymbol', maximumFractionDigits: 0,
      notation: Math.abs(minor) >= 1e7 ? 'compact' : 'standard',
    }).format(minor / 10 ** about.value.minor_digits)
  const quantity = (thousandths: number, unit: Unit | null) => formatQuantity(thousandths, unit ?? 'piece', locale.value)
  const count = (value: number) => new Intl.NumberFormat(TAGS[locale.value], { maximumFractionDigits: 1 }).format(value)
  const percent = (value: number | null, digits = 1) =>
    value === null ? '–' : new Intl.NumberFormat(TAGS[locale.value], { style: 'percent', maximumFractionDigits: digits }).format(value / 100)
  const day = (iso: string, style: 'short' | 'long' = 'short') =>
    style === 'long' ? formatDay(iso, locale.value)
      : new Intl.DateTimeFormat(TAGS[locale.value], { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`))
  const moment = (iso: string) => formatMoment(iso, about.value.time_zone)
  /** How much more (+) or less (−) than before, or nothing to compare with. */
  const change = (now: number, before: number) => {
    if (before <= 0) return '–'
    const tag = TAGS[locale.value]
    return new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(now / before - 1)
  }
  return { locale, session, about, may: computed(() => session.value?.user?.permissions ?? []), open, setLocale, money, roundMoney, quantity, count, percent, day, moment, change }
}
