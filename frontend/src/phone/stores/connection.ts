import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Whether the server answered last time it was asked. */
export const useConnectionStore = defineStore('phone-connection', () => {
  const isReachable = ref(navigator.onLine)
  window.addEventListener('offline', () => { isReachable.value = false })
  return { isReachable }
})
