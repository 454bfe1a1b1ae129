import { onBeforeUnmount, onMounted, watch } from 'vue'
import * as api from '@/shared/api'
import { openLiveStock, type LiveStock } from '@/shared/liveStock'
import { seat } from '@/shared/seat'
import type { BeltScan, LiveChange } from '@/shared/types'
import { useCheckoutStore } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'
import { useSessionStore } from './stores/session'

const EVERY_MS = 2000
/** With an open stream asking is only a second look. */
const SECOND_LOOK_MS = 30_000
const MOST_RECENT = 5000

/**
 * Keeps stock and price of the basket's products live; a total being paid stands still. The same stream brings what the
 * camera over the belt reads.
 */
export function useAvailability(scanned: (scan: BeltScan) => void): void {
  const checkout = useCheckoutStore()
  const dialogs = useDialogStore()
  const session = useSessionStore()
  /** What the stream said last of products that may come into the basket yet: their look-up may be older. */
  const recent = new Map<number, LiveChange>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let stream: LiveStock | null = null
  let askAt = 0

  const isPaying = () => dialogs.isOpen('pay') || checkout.pending !== null

  async function look() {
    clearTimeout(timer)
    const ids = checkout.productIds
    const isDue = !stream?.isOpen || Date.now() >= askAt
    if (isDue && ids.length > 0 && !document.hidden && session.user && !isPaying()) {
      askAt = Date.now() + SECOND_LOOK_MS
      const news = await api.availability(ids).catch(() => null)
      if (!news || isPaying()) askAt = 0
      else checkout.applyAvailability(news)
    }
    clearTimeout(timer)
    timer = setTimeout(look, EVERY_MS)
  }
  function changed(changes: LiveChange[]) {
    if (recent.size > MOST_RECENT) recent.clear()
    for (const change of changes) {
      const available = change.available ?? recent.get(change.product_id)?.available ?? null
      recent.set(change.product_id, { ...change, available })
    }
    apply(changes.map((change) => change.product_id))
  }
  function apply(ids: number[]) {
    const wanted = new Set(checkout.productIds)
    const news = ids.filter((id) => wanted.has(id)).flatMap((id) => recent.get(id) ?? [])
    if (news.length === 0) return
    if (isPaying()) askAt = 0
    else checkout.applyAvailability(news)
  }
  function resync() {
    recent.clear()
    askAt = 0
    // A thousand tills that hear this together must not ask together.
    clearTimeout(timer)
    timer = setTimeout(look, Math.random() * 1000)
  }
  function onShown() {
    if (document.hidden) return
    askAt = 0
    void look()
  }

  watch(() => session.user?.store.id, (store) => {
    stream?.close()
    recent.clear()
    stream = store === undefined ? null : openLiveStock({ changed, resync, scanned }, { till: session.till, seat: seat() })
  }, { immediate: true })
  watch(() => checkout.productIds, (now, before) => {
    const old = new Set(before)
    apply(now.filter((id) => !old.has(id)))
  })
  onMounted(() => {
    timer = setTimeout(look, EVERY_MS)
    document.addEventListener('visibilitychange', onShown)
  })
  onBeforeUnmount(() => {
    clearTimeout(timer)
    stream?.close()
    document.removeEventListener('visibilitychange', onShown)
  })
}
