import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import * as api from '@/shared/api'
import { ApiError, detailLines, textOf, verdictOf, waitBefore } from '@/shared/errors'
import { beep } from '@/shared/sound'
import type { Product, Scan } from '@/shared/types'
import { MOST_QUANTITY } from '@/shared/parse'
import { overLimit, type BasketLine } from './basketLines'
import { pause } from '@/shared/pause'
import { linesOf, useCheckoutStore, type QueuedScan } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'
import { useNoticeStore } from '@/shared/notices'
import { useSessionStore } from './stores/session'
import { isOwner } from './useOwnership'

const MOST_SERVER_ERRORS = 3

/** Looks scans up one after the other, in the order they came; none is lost while the network is away. */
export function useScanQueue() {
  const { t } = useI18n()
  const checkout = useCheckoutStore()
  const dialogs = useDialogStore()
  const notices = useNoticeStore()
  const session = useSessionStore()
  let running: Promise<void> | null = null

  function fromProduct(product: Product, code: string): Scan {
    return { product, quantity: product.unit === 'kg' ? null : 1000, label_total: null, barcode: code, pack_unit_price: null }
  }

  async function afterRefusal(error: ApiError, scan: QueuedScan): Promise<Scan | null> {
    if (error.code === 'ambiguous_barcode') {
      const products = detailLines<Product>(error, 'candidates')
      const chosen = await dialogs.open('choose', { code: scan.code, products })
      return chosen && fromProduct(chosen, scan.code)
    }
    notices.bad(`${scan.code.slice(0, 40)} · ${textOf(error)}`)
    return null
  }

  async function lookUp(scan: QueuedScan): Promise<Scan | null> {
    for (let attempt = 1; ; attempt++) {
      await session.signedIn()
      try {
        return await api.byBarcode(scan.code)
      } catch (error) {
        const verdict = verdictOf(error)
        if (error instanceof ApiError && (verdict === 'refused' || (error.status === 500 && attempt >= MOST_SERVER_ERRORS))) {
          return await afterRefusal(error, scan)
        }
        if (verdict === 'retry') await pause(waitBefore(attempt, error))
      }
    }
  }

  async function linesFor(found: Scan, times: number | null): Promise<BasketLine[]> {
    if (found.quantity === null) {
      const weight = times ?? (await dialogs.open('weight', { product: found.product }))
      return weight ? linesOf(found, weight) : []
    }
    if (times !== null && times % 1000) {
      notices.bad(t('notice.wholePieces', { name: found.product.name }))
      return []
    }
    return linesOf(found, times)
  }

  function withinLimit(lines: BasketLine[]): BasketLine[] {
    const tooLong = overLimit(checkout.lines, lines)
    if (!tooLong) return lines
    notices.bad(t('notice.tooMany', { name: tooLong.name, count: MOST_QUANTITY / 1000 }))
    return []
  }

  async function settleNext(scan: QueuedScan) {
    const found = await lookUp(scan)
    const lines = withinLimit(found ? await linesFor(found, scan.times) : [])
    // Another window took the queue over meanwhile: it will do this scan.
    if (!isOwner()) return
    checkout.settleScan(lines)
    if (lines.length) beep('ok')
  }

  async function drain() {
    while (checkout.queue[0] && isOwner()) await settleNext(checkout.queue[0])
  }

  /** Resolves when every scan so far is in the basket or refused. */
  function settled(): Promise<void> {
    running ??= drain().finally(() => { running = null })
    return running
  }

  watch(() => checkout.queue.length, (count) => { if (count) void settled() })
  return { settled }
}
