import { ref } from 'vue'
import { parseEntry } from '@/shared/parse'

const text = ref('')
const times = ref<number | null>(null)

/** What is typed at the till right now: a text, and a multiplier waiting for the next scan or code. */
export function useEntry() {
  function takeTimes(): number | null {
    const typed = parseEntry(text.value)
    const isMultiplierAlone = typed.times !== null && typed.code === ''
    if (isMultiplierAlone) text.value = ''
    const taken = isMultiplierAlone ? typed.times : times.value
    times.value = null
    return taken
  }
  function clear() {
    text.value = ''
    times.value = null
  }
  return { text, times, takeTimes, clear }
}
