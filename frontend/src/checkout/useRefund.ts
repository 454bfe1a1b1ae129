import { useI18n } from 'vue-i18n'
import { textOf } from '@/shared/errors'
import type { Refund, RefundRequest } from '@/shared/types'
import { useCheckoutStore } from './stores/checkout'
import { useCounterStore } from './stores/counter'
import { useDialogStore } from './stores/dialogs'
import { useNoticeStore } from '@/shared/notices'
import { useDelivery } from './useDelivery'
import { useFormat } from './useFormat'

/** Sends a refund until it is answered; asks a supervisor when the server wants one. */
export function useRefund() {
  const { t } = useI18n()
  const checkout = useCheckoutStore()
  const counter = useCounterStore()
  const dialogs = useDialogStore()
  const notices = useNoticeStore()
  const { deliver } = useDelivery()
  const { money } = useFormat()

  async function give(saleUuid: string, payload: RefundRequest): Promise<Refund | null> {
    const pending = { kind: 'refund' as const, sale_uuid: saleUuid, payload }
    if (!checkout.begin(pending)) {
      notices.bad(t('notice.storageFull'))
      return null
    }
    const answer = await deliver<Refund>(pending)
    if (answer.body) {
      checkout.refused()
      void counter.afterRefund(answer.body)
      return answer.body
    }
    if (['approval_needed', 'approval_invalid'].includes(answer.refused.code)) {
      const sum = Number(answer.refused.details['total'])
      const about = Number.isFinite(sum) ? money(sum) : ''
      const given = await dialogs.open('approval', { action: 'refund_over_limit', subject: payload.uuid, about })
      return given && give(saleUuid, { ...payload, approval: given.approval })
    }
    notices.bad(answer.refused.code === 'stopped' ? t('notice.stopped') : textOf(answer.refused))
    return null
  }

  return { give }
}

/** After a reload: the refund that was on its way is sent again. */
export function usePendingRefund() {
  const { t } = useI18n()
  const checkout = useCheckoutStore()
  const notices = useNoticeStore()
  const { give } = useRefund()
  let isBusy = false

  async function resume() {
    if (isBusy || checkout.pending?.kind !== 'refund') return
    isBusy = true
    const { sale_uuid, payload } = checkout.pending
    const refund = await give(sale_uuid, payload).finally(() => { isBusy = false })
    if (refund) notices.good(t('refund.done', { number: refund.number }))
  }
  return { resume }
}
