import { useI18n } from 'vue-i18n'
import { useNoticeStore } from '@/shared/notices'
import { LONGEST_CODE } from '@/shared/scanText'
import { useCheckoutStore } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'
import { useEntry } from './useEntry'

/** The one way a scan takes into the basket, whether a scanner typed it or a camera read it. */
export function useScanEntry() {
  const { t } = useI18n()
  const checkout = useCheckoutStore()
  const dialogs = useDialogStore()
  const notices = useNoticeStore()
  const entry = useEntry()

  return function onScan(text: string) {
    const code = text.slice(0, LONGEST_CODE)
    if (checkout.pending || dialogs.scanRule === 'refuse') {
      const where = checkout.pending || dialogs.isOpen('pay') ? 'notice.scanIgnored' : 'notice.scanIgnoredHere'
      return notices.bad(t(where, { code: code.slice(0, 40) }))
    }
    dialogs.cancel('receipt')
    checkout.enqueue({ code, times: entry.takeTimes() })
  }
}
