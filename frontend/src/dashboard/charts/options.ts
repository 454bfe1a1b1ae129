import type { CategoryStock, DaySum, ExpiringProduct, Hour, HourSum, ProductReport, Row } from '../types'
import { addDays, dayCount, daysBetween } from '../days'
import { frame, lying } from './axes'
import type { ChartOption } from './engine'
import type { Look } from './look'

type Words = (key: string) => string
type Format = (value: number) => string
const bar = { type: 'bar' as const, barMaxWidth: 26, itemStyle: { borderRadius: [3, 3, 0, 0] } }
const across = { type: 'bar' as const, barMaxWidth: 18, itemStyle: { borderRadius: [0, 3, 3, 0] } }
/** Without a legend there is room for one more line of the drawing. */
const QUIET = { legend: { show: false }, grid: { left: 8, right: 12, top: 16, bottom: 8, outerBoundsMode: 'same' as const, outerBoundsContain: 'axisLabel' as const } }
const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`

/** Today: bars of what was taken, a line of what was to be expected. */
export function todayOption(look: Look, hours: Hour[], words: Words, money: Format): ChartOption {
  return {
    ...frame(look, hours.map((one) => clock(one.hour)), money),
    series: [
      { ...bar, name: words('today.taken'), color: look.accent, data: hours.map((one) => one.net) },
      {
        type: 'line', name: words('today.expected'), color: look.warn, symbol: 'circle', symbolSize: 5, lineStyle: { type: 'dashed', width: 2 },
        data: hours.map((one) => one.expected),
      },
    ],
  }
}

/** Sales of each day of the period. */
export function daysOption(look: Look, days: DaySum[], words: Words, money: Format, day: (iso: string) => string): ChartOption {
  return {
    ...frame(look, days.map((one) => day(one.day)), money),
    ...QUIET,
    series: [{ ...bar, name: words('amount'), color: look.accent, data: days.map((one) => one.net) }],
  }
}

/** What an average day takes in each hour. */
export function hoursOption(look: Look, hours: HourSum[], openDays: number, words: Words, money: Format): ChartOption {
  return {
    ...frame(look, hours.map((one) => clock(one.hour)), money),
    ...QUIET,
    series: [{ ...bar, name: words('takings.perDay'), color: look.accent, data: hours.map((one) => Math.round(one.net / Math.max(1, openDays))) }],
  }
}

/** Categories or products by amount, beside the days they are compared with. */
export function rowsOption(look: Look, rows: Row[], words: Words, money: Format): ChartOption {
  return {
    ...lying(look, rows.map((one) => one.name), money),
    series: [
      { ...across, name: words('period.this'), color: look.accent, data: rows.map((one) => one.figures.net) },
      { ...across, name: words('period.weekdays'), color: look.second, data: rows.map((one) => one.weekdays.net) },
    ],
  }
}

/** Money on the shelves. */
export function stockOption(look: Look, rows: CategoryStock[], words: Words, money: Format): ChartOption {
  return {
    ...lying(look, rows.map((one) => one.name), money),
    ...QUIET,
    series: [{ ...across, name: words('stock.value'), color: look.accent, data: rows.map((one) => one.value) }],
  }
}

/** Money that spoils: what is about to, and what has. */
export function expiringOption(look: Look, rows: ExpiringProduct[], words: Words, money: Format): ChartOption {
  const part = { ...across, stack: 'expiring' }
  return {
    ...lying(look, rows.map((one) => one.name), money),
    series: [
      { ...part, name: words('expiring.gone'), color: look.bad, data: rows.map((one) => one.past_value) },
      { ...part, name: words('expiring.soon'), color: look.warn, data: rows.map((one) => one.value - one.past_value) },
    ],
  }
}

const BANDS = [['0.5', '0.8'], ['0.8', '0.9'], ['0.9', '0.95'], ['0.95', '0.975']] as const

/** A product's past, the days it was missing or on offer, and what is foreseen: the mean and bands above the median. */
export function fanOption(look: Look, report: ProductReport, words: Words, amount: Format, plain: Format, day: (iso: string) => string): ChartOption {
  const { forecast } = report
  const ahead = forecast ? forecast.mean.length : 0
  const end = forecast && ahead ? addDays(forecast.first_day, ahead - 1) : report.period.last
  const days = daysBetween(report.period.first, end > report.period.last ? end : report.period.last)
  const sold = new Map(report.days.map((one) => [one.day, one]))
  const from = forecast?.first_day ?? '9999'
  const foreseen = (values: number[] | undefined) => days.map((one) => (one >= from ? values?.[dayCount(from, one) - 1] ?? null : null))
  const missing = days.map((one) => ((sold.get(one)?.out_of_stock_minutes ?? 0) > 0 ? 1 : null))
  const today = report.period.last
  const { yAxis, ...rest } = frame(look, days.map(day), amount)
  const wholes = report.unit === 'piece' ? { minInterval: 1000 } : {}
  const legend = { ...(rest.legend as object), data: [words('product.sold'), words('product.missing'), words('product.mean'), bandName(words, '0.975')] }
  return {
    ...rest,
    legend,
    // What is missing stands behind everything, from the bottom to the top.
    yAxis: [{ ...(yAxis as object), ...wholes, axisLabel: { color: look.dim, fontFamily: look.font, fontSize: 12, formatter: (value: number) => plain(value / 1000) } }, { type: 'value', show: false, min: 0, max: 1 }],
    series: [
      ...(missing.some(Boolean) ? [{
        ...bar, name: words('product.missing'), yAxisIndex: 1, color: look.bad, barWidth: '100%', barGap: '-100%', barMaxWidth: 400, z: 1, silent: true,
        itemStyle: { opacity: 0.2, borderRadius: 0 }, tooltip: { show: false }, data: missing,
      }] : []),
      {
        ...bar, name: words('product.sold'), color: look.accent, barMaxWidth: 14, z: 2,
        data: days.map((one) => (one > today ? null : { value: (sold.get(one)?.units ?? 0) - (sold.get(one)?.returned ?? 0), ...(sold.get(one)?.is_promoted ? { itemStyle: { color: look.second } } : {}) })),
      },
      ...(forecast && ahead ? fan(look, forecast.quantiles, foreseen, words) : []),
      ...(forecast && ahead ? [{
        type: 'line' as const, name: words('product.mean'), color: look.warn, symbol: 'circle', symbolSize: 4,
        lineStyle: { width: 2, type: 'dashed' as const }, data: foreseen(forecast.mean),
      }] : []),
    ],
  }
}

const bandName = (words: Words, level: string) => `${words('product.upTo')} ${Number(level) * 100} %`

function fan(look: Look, quantiles: Record<string, number[]>, foreseen: (values: number[] | undefined) => (number | null)[], words: Words) {
  const known = BANDS.filter(([low, high]) => quantiles[low] && quantiles[high])
  const line = { type: 'line' as const, stack: 'fan', symbol: 'none', lineStyle: { opacity: 0 }, tooltip: { show: false }, legendIcon: 'roundRect' }
  const base = { ...line, name: '', silent: true, data: foreseen(quantiles['0.5']), color: 'transparent' }
  const bands = known.map(([low, high], place) => ({
    ...line, name: bandName(words, high), color: look.warn, silent: true,
    areaStyle: { color: look.warn, opacity: 0.36 - place * 0.08 },
    data: foreseen(quantiles[high]?.map((value, one) => Math.max(0, value - (quantiles[low]?.[one] ?? 0)))),
  }))
  return [base, ...bands]
}
