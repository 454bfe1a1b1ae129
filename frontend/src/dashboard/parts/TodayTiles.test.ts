import { createApp } from 'vue'
import { afterEach, expect, it } from 'vitest'
import { i18n } from '../i18n'
import type { Today } from '../types'
import TodayTiles from './TodayTiles.vue'

const day = {
  day: '2026-03-14', gross: 0, refunded: 0, receipts: 0, lines: 0, expected: 0, expected_by_now: 0, below_safety: 0, nobody_delivers: 0, orders: {}, exceptions: 0,
  accuracy: { percent: null, right_lines: 0, counted_lines: 0, violations: 0, proved_at: null },
}

function notes(locale: 'en' | 'zh', shelves: number): string[] {
  i18n.global.locale.value = locale
  const app = createApp(TodayTiles, { today: { ...day, shelf_checks: shelves } as unknown as Today }).use(i18n)
  app.mount(document.body.appendChild(document.createElement('div')))
  const found = [...document.querySelectorAll('.tile em')].map((one) => one.textContent ?? '')
  app.unmount()
  document.body.innerHTML = ''
  return found
}

afterEach(() => { i18n.global.locale.value = 'en' })

it('speaks of one shelf and of several', () => {
  expect([0, 1, 2].map((shelves) => notes('en', shelves)[4])).toEqual(['0 shelves to look at', '1 shelf to look at', '2 shelves to look at'])
  expect([1, 2].map((shelves) => notes('zh', shelves)[4])).toEqual(['1 个货架待查看', '2 个货架待查看'])
})
