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
