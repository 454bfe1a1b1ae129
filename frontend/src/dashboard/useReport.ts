import { ref, shallowRef, watch, type Ref } from 'vue'
import { ApiError } from '@/shared/errors'
import { report } from './api'

/** A report that follows what it is asked; an older answer never overtakes a newer question. `null`: ask nothing. */
export function useReport<R>(path: () => string | null, asked: () => Record<string, string>) {
  const found: Ref<R | null> = shallowRef(null)
  const problem = ref('')
  const isLoading = ref(false)
  let asking = 0

  async function load() {
    const place = path()
    const own = ++asking
    if (place === null) {
      ;[found.value, isLoading.value] = [null, false]
      return
    }
    isLoading.value = true
    try {
      const answer = await report<R>(place, asked())
      if (own === asking) [found.value, problem.value] = [answer, '']
    } catch (error) {
      if (own === asking) problem.value = error instanceof ApiError ? error.message : 'unreachable'
    } finally {
      if (own === asking) isLoading.value = false
    }
  }

  watch(() => [path(), JSON.stringify(asked())], load, { immediate: true })
  return { found, problem, isLoading, load }
}
