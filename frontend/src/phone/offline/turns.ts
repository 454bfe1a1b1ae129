import type { Entry } from './shelf'

/** What came of sending an entry so far: nothing that decides about it. */
export interface Trouble {
  tries: number
  /** The server's own words; null when no answer came. */
  reason: string | null
}

/** Entries of one lane are sent in order: counts of one product in one session, deliveries of one order. */
function laneOf({ kind, target, body }: Entry): string {
  return kind === 'count' ? `count/${target}/${body.product_id ?? body.code}` : `receipt/${target}`
}

/** Whose turn it is: the first of every lane, and of those the one that failed least; what is stuck holds up nobody else. */
export function nextOf(waiting: readonly Entry[], troubles: ReadonlyMap<number, Trouble>): Entry | undefined {
  const first = new Map<string, Entry>()
  for (const entry of waiting) if (!first.has(laneOf(entry))) first.set(laneOf(entry), entry)
  const tries = ({ seq }: Entry) => troubles.get(seq)?.tries ?? 0
  return [...first.values()].reduce<Entry | undefined>((best, entry) => (best && tries(best) <= tries(entry) ? best : entry), undefined)
}
