import { defineStore } from 'pinia'
import { ref } from 'vue'
import { beep } from './sound'

export type Tone = 'info' | 'good' | 'bad'
export interface Notice {
  id: number
  tone: Tone
  text: string
}

const SHOWN_MS: Record<Tone, number> = { info: 4000, good: 3000, bad: 7000 }
const MOST = 4

/** Short messages that never take the focus and leave by themselves. */
export const useNoticeStore = defineStore('notices', () => {
  const items = ref<Notice[]>([])
  let last = 0

  function dismiss(id: number) {
    items.value = items.value.filter((item) => item.id !== id)
  }
  function show(tone: Tone, text: string) {
    const id = ++last
    // The same words again replace the old notice instead of piling up.
    items.value = [...items.value.filter((item) => item.text !== text), { id, tone, text }].slice(-MOST)
    setTimeout(() => dismiss(id), SHOWN_MS[tone])
  }
  const info = (text: string) => show('info', text)
  const good = (text: string) => show('good', text)
  function bad(text: string) {
    beep('bad')
    show('bad', text)
  }
  const clear = () => { items.value = [] }

  return { items, info, good, bad, dismiss, clear }
})
