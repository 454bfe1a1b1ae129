import type { Payment, Tender } from './types'

export const TENDERS: readonly Tender[] = ['cash', 'card', 'mobile']

export function paid(payments: readonly Payment[]): number {
  return payments.reduce((sum, payment) => sum + payment.amount, 0)
}

export function stillDue(total: number, payments: readonly Payment[]): number {
  return Math.max(total - paid(payments), 0)
}

export function changeOf(total: number, payments: readonly Payment[]): number {
  return Math.max(paid(payments) - total, 0)
}

export type Refused = 'amount' | 'change_only_cash'
export type Added = { payments: Payment[]; refused: null } | { payments: null; refused: Refused }

/** One more tender; the same tender again is added to it, and only cash may exceed what is due. */
export function addPayment(total: number, payments: readonly Payment[], more: Payment): Added {
  if (!Number.isSafeInteger(more.amount) || more.amount <= 0) return { payments: null, refused: 'amount' }
  if (more.tender !== 'cash' && more.amount > stillDue(total, payments)) {
    return { payments: null, refused: 'change_only_cash' }
  }
  const same = payments.find((payment) => payment.tender === more.tender)
  const others = payments.filter((payment) => payment.tender !== more.tender)
  const amount = more.amount + (same?.amount ?? 0)
  return { payments: [...others, { tender: more.tender, amount }], refused: null }
}

const MUCH_CHANGE = 1000

/** More change than the largest note leaves: rather a slip of the hand, or a number typed into the wrong field. */
export function isMuchChange(change: number, minorDigits: number): boolean {
  return change >= MUCH_CHANGE * (minorDigits === 0 ? 100 : 10 ** minorDigits)
}

const NOTES = [5, 10, 20, 50, 100]

/** What a customer is likely to hand over: the exact sum, then the next round sums, smallest first. */
export function quickCash(due: number, minorDigits: number): number[] {
  if (due <= 0) return []
  const major = minorDigits === 0 ? 100 : 10 ** minorDigits
  const round = NOTES.map((note) => Math.ceil(due / (note * major)) * note * major)
  return [...new Set([due, ...round])].sort((a, b) => a - b)
}
