import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Session } from '@/shared/types'
import { memoryShelf } from '../offline/shelfStub'

vi.mock('../offline/shelf', () => ({ shelf: memoryShelf() }))
vi.mock('@/shared/api', () => ({ session: vi.fn(), login: vi.fn(), setApiLocale: vi.fn(), changeLocale: vi.fn() }))
const api = vi.mocked(await import('@/shared/api'))
const { useSessionStore } = await import('./session')

function answerFor(id: number | null): Session {
  const store = { id: 1, code: 'S1', name: 'Shop', time_zone: 'UTC', currency: 'EUR', minor_digits: 2, refund_limit: 0, shortage_policy: 'block' as const }
  const user = id === null ? null : { id, username: `u${id}`, display_name: `N${id}`, roles: [], permissions: ['count_stock'], store }
  return { user, csrf_token: 't', locale: 'en', is_demo: false, till: null }
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
  api.session.mockReset()
})

test('after a reload without a network the phone knows whose it is, but sends nothing yet', async () => {
  api.session.mockResolvedValue(answerFor(7))
  await useSessionStore().refresh()
  setActivePinia(createPinia())

  const session = useSessionStore()

  expect([session.holder?.id, session.may('count_stock'), session.needsLogin, session.isConfirmed]).toEqual([7, true, false, false])
})

test('somebody else in this browser is noticed; an ended login is no other person', async () => {
  api.session.mockResolvedValue(answerFor(7))
  const session = useSessionStore()
  await session.refresh()
  expect([answerFor(7), answerFor(8), answerFor(null)].map(session.isSame)).toEqual([true, false, false])

  session.ended()

  expect(session.isSame(answerFor(null))).toBe(true)
  expect([session.needsLogin, session.holder?.id]).toEqual([true, 7])
})
