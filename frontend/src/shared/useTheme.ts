import { ref, watchEffect } from 'vue'
import { load, save } from './storage'

type Theme = 'light' | 'dark'

const system = window.matchMedia('(prefers-color-scheme: dark)')
const chosen = ref<Theme | null>(load('theme') as Theme | null)
const wanted = ref<Theme>(system.matches ? 'dark' : 'light')

/** Light or dark: as the device says until somebody chooses. */
export function useTheme() {
  system.addEventListener('change', (event) => { wanted.value = event.matches ? 'dark' : 'light' })
  watchEffect(() => { document.documentElement.dataset['theme'] = chosen.value ?? wanted.value })

  function toggle() {
    chosen.value = (chosen.value ?? wanted.value) === 'dark' ? 'light' : 'dark'
    save('theme', chosen.value)
  }
  return { toggle }
}
