import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiError, textOf } from '@/shared/errors'

/** Runs what may fail and keeps the words about it; `isBusy` meanwhile. */
export function useProblem() {
  const { t } = useI18n()
  const problem = ref('')
  const isBusy = ref(false)

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    isBusy.value = true
    problem.value = ''
    try {
      await work()
      return true
    } catch (error) {
      problem.value = error instanceof ApiError ? textOf(error) : t('state.noAnswer')
      return false
    } finally {
      isBusy.value = false
    }
  }
  return { problem, isBusy, run }
}
