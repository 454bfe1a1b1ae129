import type { Figures, Today } from './types'

/** Which words stand below today's takings: a change in per cent only where something was sold to compare. */
export function standing(today: Pick<Today, 'receipts' | 'refunds' | 'expected' | 'expected_by_now'>) {
  if (today.receipts || today.refunds) return today.expected_by_now > 0 ? 'against' : 'noExpectation'
  if (today.expected_by_now > 0) return 'nothingByNow'
  return today.expected > 0 ? 'nothingToday' : 'nothing'
}

/** Whether nothing was sold at all: "less by all of it" says nothing about a day that has hardly begun. */
export const isQuiet = (total: Pick<Figures, 'units' | 'net'>) => total.units === 0 && total.net === 0
