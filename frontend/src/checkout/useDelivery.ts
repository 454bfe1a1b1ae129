import * as api from '@/shared/api'
import { ApiError, verdictOf, waitBefore } from '@/shared/errors'
import type { Receipt, Refund } from '@/shared/types'
import { pause } from '@/shared/pause'
import { useCheckoutStore, type Pending } from './stores/checkout'
import { useConnectionStore } from './stores/connection'
import { useSessionStore } from './stores/session'
import { isOwner } from './useOwnership'

export type Answer<R> = { body: R; refused: null } | { body: null; refused: ApiError }

function send(pending: Pending): Promise<Receipt | Refund> {
  return pending.kind === 'sale' ? api.ringUp(pending.payload) : api.refund(pending.sale_uuid, pending.payload)
}

/** Sends a remembered write, unchanged, until the server has said yes or no. */
export function useDelivery() {
  const checkout = useCheckoutStore()
  const connection = useConnectionStore()
  const session = useSessionStore()

  function giveUp(refused: ApiError) {
    connection.attempt = 0
    connection.isStopping = false
    // Another window may have taken over; then the answer is its business.
    if (isOwner()) checkout.refused()
    return { body: null, refused }
  }

  async function deliver<R extends Receipt | Refund>(pending: Pending): Promise<Answer<R>> {
    for (let attempt = 1; ; attempt++) {
      await session.signedIn()
      try {
        const body = (await send(pending)) as R
        connection.attempt = 0
        return { body, refused: null }
      } catch (error) {
        const verdict = verdictOf(error)
        if (verdict === 'refused') return giveUp(error as ApiError)
        if (connection.isStopping) return giveUp(new ApiError(0, 'stopped', ''))
        connection.attempt = attempt
        if (verdict === 'retry') await pause(waitBefore(attempt, error))
        else if (session.user) session.ended()
      }
    }
  }

  return { deliver }
}
