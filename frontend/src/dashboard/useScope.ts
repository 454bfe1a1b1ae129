import { computed, reactive, watch } from 'vue'
import { addDays, dayCount, isDay } from './days'
import type { StoreHead } from './types'

export const MOST_DAYS = 400
const KEYS = ['store', 'first', 'last', 'category', 'product'] as const
type Key = (typeof KEYS)[number]

const given = new URLSearchParams(location.search)
const read = (key: Key) => given.get(key) ?? ''
const number = (key: Key) => (/^\d{1,9}$/.test(read(key)) ? read(key) : '')
const day = (key: Key) => (isDay(read(key)) ? read(key) : '')

/** What the page is asked to show; it stands in the address, so that it can be kept and sent on. */
const scope = reactive({
  store: number('store'), first: day('first'), last: day('last'), category: number('category'), product: number('product'),
  today: '', choices: [] as StoreHead[], categories: {} as Record<string, string>, best: '',
})

watch(() => KEYS.map((key) => scope[key]), () => {
  const kept = new URLSearchParams(KEYS.filter((key) => scope[key]).map((key) => [key, scope[key]]))
  history.replaceState(null, '', kept.size ? `?${kept}` : location.pathname)
})

export function useScope() {
  const last = computed(() => scope.last || scope.today)
  const first = computed(() => scope.first || (last.value ? addDays(last.value, -27) : ''))
  const asked = computed(() => ({ store: scope.store, first: scope.first, last: scope.last }))
  const days = computed(() => (last.value ? dayCount(first.value, last.value) : 28))
  /** The last `count` days up to today. */
  function show(count: number) {
    scope.first = count === 28 || !scope.today ? '' : addDays(scope.today, 1 - count)
    scope.last = count === 28 || !scope.today ? '' : scope.today
  }
  const isPossible = (from: string, to: string) =>
    isDay(from) && isDay(to) && from <= to && dayCount(from, to) <= MOST_DAYS && from >= '2000-01-01' && to <= '2100-12-31'
  return { scope, first, last, days, asked, show, isPossible }
}
