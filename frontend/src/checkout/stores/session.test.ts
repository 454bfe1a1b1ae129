import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as api from '@/shared/api'
import type { Locale, Session } from '@/shared/types'
import { useSessionStore } from './session'

vi.mock('@/shared/api')

function answers(locale: Locale): Session {
  return { user: null, csrf_token: 'x', locale, is_demo: false, till: null }
}

beforeEach(() => {
  localStorage.clear()
  vi.clearAllMocks()
  setActivePinia(createPinia())
  vi.mocked(api.changeLocale).mockResolvedValue(answers('en'))
})

test('the till speaks the language of the user who signs in', async () => {
  vi.mocked(api.login).mockResolvedValue(answers('zh'))
  const session = useSessionStore()

  await session.login({ username: 'mei', password: 'secret' })

  expect(session.locale).toBe('zh')
  expect(api.changeLocale).not.toHaveBeenCalled()
})

test('a language chosen before signing in stays, and becomes the user\'s own', async () => {
  vi.mocked(api.login).mockResolvedValue(answers('en'))
  const session = useSessionStore()
  session.setLocale('zh')

  await session.login({ username: 'ana', password: 'secret' })

  expect(session.locale).toBe('zh')
  expect(api.changeLocale).toHaveBeenCalledWith('zh')
})

test('the next user brings their own language again', async () => {
  vi.mocked(api.login).mockResolvedValue(answers('en'))
  vi.mocked(api.session).mockResolvedValue(answers('en'))
  const session = useSessionStore()
  session.setLocale('zh')
  await session.login({ username: 'ana', password: 'secret' })
  await session.logout()

  await session.login({ username: 'bob', password: 'secret' })

  expect(session.locale).toBe('en')
})
