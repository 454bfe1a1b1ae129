import { load, save } from './storage'
import { uuid4 } from './uuid'

const SLOT = 'seat'

/** The name of this browser, made once: two computers may both say they are till T1. */
export function seat(): string {
  const known = load(SLOT)
  if (typeof known === 'string') return known
  const made = uuid4()
  save(SLOT, made)
  return made
}
