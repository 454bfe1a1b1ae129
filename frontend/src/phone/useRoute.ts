import { computed, ref } from 'vue'

const hash = ref(location.hash)
window.addEventListener('hashchange', () => { hash.value = location.hash })

/** Where the user is: `#/count/12` is page `count` with id 12. The browser's back button works. */
export function useRoute() {
  const parts = computed(() => hash.value.replace(/^#\/?/, '').split('/'))
  const page = computed(() => parts.value[0] ?? '')
  const rest = computed(() => parts.value[1] ?? '')
  return { page, rest }
}

export function go(path: string): void {
  location.hash = `#/${path}`
}

/** Goes on without leaving the page behind for the back button. */
export function replace(path: string): void {
  history.replaceState(null, '', `#/${path}`)
  hash.value = location.hash
}
