import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Whether the server answers, and how often a write has been tried. */
export const useConnectionStore = defineStore('connection', () => {
  const isReachable = ref(true)
  const attempt = ref(0)
  /** The cashier wants to stop repeating; honoured only between two tries. */
  const isStopping = ref(false)
  return { isReachable, attempt, isStopping }
})
