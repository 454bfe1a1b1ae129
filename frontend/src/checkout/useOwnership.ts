import { onBeforeUnmount, onMounted } from 'vue'
import { load, save, storageKey } from '@/shared/storage'
import { uuid4 } from '@/shared/uuid'
import { useCheckoutStore } from './stores/checkout'
import { useDialogStore } from './stores/dialogs'

const me = uuid4()
const SLOT = 'window'

/** Two windows of one till share one basket; only the one used last looks up scans and sends payments. */
export function isOwner(): boolean {
  return load(SLOT) === me
}

export function useOwnership(onOwn: () => void): void {
  const checkout = useCheckoutStore()
  const dialogs = useDialogStore()

  /** A basket that was sold elsewhere is not paid for here. */
  function reload() {
    const uuid = checkout.uuid
    checkout.reload()
    if (checkout.uuid !== uuid) dialogs.cancel('pay')
  }
  function claim() {
    if (isOwner()) return
    reload()
    save(SLOT, me)
    onOwn()
  }
  function follow(event: StorageEvent) {
    if (event.key === storageKey('checkout.v1')) reload()
  }

  onMounted(() => {
    claim()
    window.addEventListener('focus', claim)
    window.addEventListener('keydown', claim, { capture: true })
    window.addEventListener('pointerdown', claim, { capture: true })
    window.addEventListener('storage', follow)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('focus', claim)
    window.removeEventListener('keydown', claim, { capture: true })
    window.removeEventListener('pointerdown', claim, { capture: true })
    window.removeEventListener('storage', follow)
  })
}
