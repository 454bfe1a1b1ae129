import type { BeltScan } from '@/shared/types'
import { isOwner } from './useOwnership'

/** A scan is sent again for seconds at most. */
const REMEMBERED = 50

/** Takes what the camera over the belt reads: each once, and in the window of this till that is in use. */
export function useBeltScans(onScan: (text: string) => void): (scan: BeltScan) => void {
  const taken: string[] = []

  return ({ id, code }) => {
    if (taken.includes(id) || !isOwner()) return
    taken.push(id)
    if (taken.length > REMEMBERED) taken.shift()
    onScan(code)
  }
}
