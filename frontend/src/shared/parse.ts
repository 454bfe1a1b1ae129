/** Full-width digits and signs, as Chinese keyboards send them, become plain ones. */
function plain(text: string): string {
  return text.normalize('NFKC').trim()
}

/** Typed decimal as an integer of 10^-digits, comma or point: `"1,5"` with 3 digits is 1500; null when it is no such number. */
export function parseDecimal(text: string, digits: number): number | null {
  const match = /^(\d{0,9})(?:[.,](\d*))?$/.exec(plain(text))
  if (!match) return null
  const [whole = '', fraction = ''] = [match[1], match[2]]
  if (whole + fraction === '' || fraction.length > digits) return null
  return Number(whole || '0') * 10 ** digits + Number(fraction.padEnd(digits, '0') || '0')
}

/** Thousandths that one line may have; the server refuses more. */
export const MOST_QUANTITY = 999_000

/** Typed quantity in thousandths, above zero; kilograms may have three decimals, pieces none. */
export function parseQuantity(text: string, unit: 'piece' | 'kg'): number | null {
  const value = parseDecimal(text, 3)
  if (value === null || value <= 0) return null
  return unit === 'piece' && value % 1000 ? null : value
}

export interface Entry {
  /** Thousandths before the multiply sign, or null when none was typed. */
  times: number | null
  code: string
}

/** Splits what was typed: `"12*4006381333931"` is twelve times that code, `"12×"` a multiplier alone. */
export function parseEntry(text: string): Entry {
  const match = /^(\d{1,4}(?:[.,]\d{1,3})?)\s*[*×xX]\s*(.*)$/.exec(plain(text))
  if (!match) return { times: null, code: plain(text) }
  const times = parseDecimal(match[1] ?? '', 3)
  return times ? { times, code: match[2] ?? '' } : { times: null, code: plain(text) }
}
