import { onBeforeUnmount, onMounted } from 'vue'
import * as api from '@/shared/api'
import { useCheckoutStore } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'
import { useSessionStore } from './stores/session'

const EVERY_MS = 2000

/** Keeps stock and price of the basket's products live while the page is seen; a total being paid stands still. */
export function useAvailability(): void {
  const checkout = useCheckoutStore()
  const dialogs = useDialogStore()
  const session = useSessionStore()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function look() {
    const ids = checkout.productIds
    const isPaying = dialogs.isOpen('pay') || checkout.pending !== null
    const isWanted = ids.length > 0 && !document.hidden && session.user && !isPaying
    const news = isWanted ? await api.availability(ids).catch(() => null) : null
    if (news && !checkout.pending && !dialogs.isOpen('pay')) checkout.applyAvailability(news)
    timer = setTimeout(look, EVERY_MS)
  }
  function onShown() {
    if (document.hidden) return
    clearTimeout(timer)
    void look()
  }

  onMounted(() => {
    timer = setTimeout(look, EVERY_MS)
    document.addEventListener('visibilitychange', onShown)
  })
  onBeforeUnmount(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onShown)
  })
}
