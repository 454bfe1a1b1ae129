import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useNoticeStore } from '@/shared/notices'
import { useCheckoutStore } from './stores/checkout'
import { useFormat } from './useFormat'

/**
 * Says when goods that lie in the basket get another price: the customer has seen, or been told, the old one.
 * The price printed on a label stays.
 */
export function usePriceNews(): void {
  const { t } = useI18n()
  const { money } = useFormat()
  const checkout = useCheckoutStore()
  const notices = useNoticeStore()

  watch(
    () => new Map(checkout.lines.filter((line) => line.label_total === null).map(({ product_id, name, price }) => [product_id, { name, price }])),
    (now, before) => {
      for (const [id, { name, price }] of now) {
        const was = before.get(id)?.price ?? price
        if (was !== price) notices.info(t('notice.newPrice', { name, was: money(was), now: money(price) }))
      }
    },
  )
}
