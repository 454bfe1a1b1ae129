import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { ApiError } from '@/shared/errors'
import { report } from './api'

/** A report that follows what it is asked; an older answer never overtakes a newer question. `null`: ask nothing. */
export function useReport<R>(path: () => string | null, asked: () => Record<string, string>) {
  const found: Ref<R | null> = shallowRef(null)
  const problem = ref('')
  const isLoading = ref(false)
  const question = computed(() => JSON.stringify([path(), asked()]))
  const answered = ref('')
  /** What was found answers an earlier question: it may neither be taken for the new answer nor lead anywhere. */
  const isStale = computed(() => found.value !== null && answered.value !== question.value)
  let asking = 0

  async function load() {
    const place = path()
    const own = ++asking
    const asks = question.value
    if (place === null) {
      ;[found.value, isLoading.value] = [null, false]
      return
    }
    isLoading.value = true
    try {
      const answer = await report<R>(place, asked())
      if (own === asking) [found.value, problem.value, answered.value] = [answer, '', asks]
    } catch (error) {
      if (own !== asking) return
      problem.value = error instanceof ApiError ? error.message : 'unreachable'
      if (isStale.value) found.value = null
    } finally {
      if (own === asking) isLoading.value = false
    }
  }

  watch(question, load, { immediate: true })
  return { found, problem, isLoading, isStale, load }
}
