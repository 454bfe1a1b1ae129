import { createApp } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '../i18n'
import type { Today } from '../types'
import AlertsCard from './AlertsCard.vue'

vi.mock('../api', () => ({ fileOf: (name: string, kind: string) => `/files/${name}.${kind}` }))

let close: () => void

function show(today: Partial<Today> | null, problem = '') {
  const app = createApp(AlertsCard, { today, problem, isLoading: false, isStale: false }).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  close = () => app.unmount()
}

beforeEach(() => { i18n.global.locale.value = 'en' })
afterEach(() => { close(); document.body.innerHTML = '' })

it('says that it could not be loaded instead of that there is nothing', () => {
  show(null, 'There is no such store.')

  expect(document.querySelector('[role="alert"]')?.textContent).toBe('There is no such store.')
  expect(document.body.textContent).not.toContain('Nothing is below its safety stock.')
})

it('speaks of stock, not of days, when nothing is short', () => {
  show({ alerts: [], below_safety: 0 })

  expect(document.body.textContent).toContain('Nothing is below its safety stock.')
})
