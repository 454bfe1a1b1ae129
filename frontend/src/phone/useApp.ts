import { ref } from 'vue'

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>
}

const WORKER = '/phone/sw.js'
const SCOPE = '/phone'

/** A newer shell has taken over; the page in front is still the old one. */
export const hasUpdate = ref(false)
const prompt = ref<InstallPrompt | null>(null)

async function register() {
  const { serviceWorker } = navigator
  const hadController = serviceWorker.controller !== null
  serviceWorker.addEventListener('controllerchange', () => { hasUpdate.value = hadController })
  await serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: 'none' })
}

/** Makes the page open without a network and asks the browser not to tidy the outbox away. */
export function keepOffline(): void {
  // On plain HTTP elsewhere than on this machine a browser has neither; the page works while there is a network.
  if ('serviceWorker' in navigator) register().catch(() => undefined)
  void navigator.storage?.persist?.().catch(() => false)
}

/** An app that is never closed asks for a newer shell when it is looked at. */
export function lookForUpdate(): void {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer }
  void serviceWorker?.getRegistration(SCOPE).then((registration) => registration?.update()).catch(() => undefined)
}

window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  prompt.value = event as InstallPrompt
})

export function useInstall() {
  async function install() {
    await prompt.value?.prompt()
    prompt.value = null
  }
  return { canInstall: prompt, install }
}
