const DAY_MS = 86_400_000

const at = (day: string) => Date.parse(`${day}T00:00:00Z`)

/** `2026-03-01` and 2 days later is `2026-03-03`. */
export function addDays(day: string, count: number): string {
  return new Date(at(day) + count * DAY_MS).toISOString().slice(0, 10)
}

/** How many days from `first` to `last`, both included. */
export function dayCount(first: string, last: string): number {
  return Math.round((at(last) - at(first)) / DAY_MS) + 1
}

/** Every day from `first` to `last`. */
export function daysBetween(first: string, last: string): string[] {
  return Array.from({ length: Math.max(0, dayCount(first, last)) }, (_, place) => addDays(first, place))
}

/** Whether text is a day of the calendar. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at(text)) && addDays(text, 0) === text
}

const TYPED = [/^(\d{4})(\d\d)(\d\d)$/, /^(\d{4})\D(\d{1,2})\D(\d{1,2})\D?$/]

/** `20260302`, `2026/3/2` and `2026年3月2日` are `2026-03-02`; what may be several days, or none, stays as it is. */
export function asDay(typed: string): string {
  const text = typed.normalize('NFKC').trim()
  const [, year, month = '', day = ''] = TYPED.map((form) => form.exec(text)).find(Boolean) ?? []
  return year ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : typed
}
