import { describe, expect, it } from 'vitest'
import { addDays, asDay, dayCount, daysBetween, isDay } from './days'

describe('days', () => {
  it('go over months and leap years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28')
  })

  it('are counted with both ends, also over a change of the clock', () => {
    expect(dayCount('2026-03-28', '2026-03-30')).toBe(3)
    expect(daysBetween('2026-03-28', '2026-03-30')).toEqual(['2026-03-28', '2026-03-29', '2026-03-30'])
    expect(daysBetween('2026-03-30', '2026-03-28')).toEqual([])
  })

  it('may be typed in several ways', () => {
    expect(['20260302', ' 2026/3/2 ', '2026.03.02', '2026年3月2日', '２０２６－０３－０２'].map(asDay)).toEqual(Array(5).fill('2026-03-02'))
    expect(['3/2/2026', '2026302', '26-03-02', 'March', ''].map(asDay)).toEqual(['3/2/2026', '2026302', '26-03-02', 'March', ''])
  })

  it('must be in the calendar', () => {
    expect(['2026-02-28', '2026-02-30', '2026-2-3', ''].map(isDay)).toEqual([true, false, false, false])
  })
})
