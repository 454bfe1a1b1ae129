import { beforeEach, expect, test, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { ApiError } from './errors'
import type { SignIn } from './types'
import { useSignIn } from './useSignIn'

const send = vi.fn<(what: SignIn) => Promise<void>>()
const refusal = (status: number, code: string) => Promise.reject(new ApiError(status, code, `refused: ${code}`))

function page() {
  const signIn = useSignIn(ref(null), send, () => ({ offline: 'offline', unequal: 'unequal' }))
  signIn.username.value = 'ana'
  signIn.password.value = 'secret'
  return signIn
}

beforeEach(() => { send.mockReset().mockResolvedValue() })

test('name and password are sent alone where nothing more is asked for', async () => {
  await page().signIn()

  expect(send).toHaveBeenCalledWith({ username: 'ana', password: 'secret' })
})

test('a code that is asked for is sent with the same name and password', async () => {
  send.mockReturnValueOnce(refusal(401, 'second_factor_needed'))
  const it = page()
  await it.signIn()
  const isAsked = it.asksForCode.value && it.message.value === ''
  it.code.value = '123456'

  await it.signIn()

  expect(isAsked).toBe(true)
  expect(send).toHaveBeenLastCalledWith({ username: 'ana', password: 'secret', second_factor: '123456' })
})

test('a wrong code is typed again without the password', async () => {
  send.mockReturnValueOnce(refusal(401, 'second_factor_needed')).mockReturnValueOnce(refusal(401, 'second_factor_failed'))
  const it = page()
  await it.signIn()
  it.code.value = '123456'

  await it.signIn()

  expect([it.code.value, it.password.value, it.asksForCode.value]).toEqual(['', 'secret', true])
  expect(it.message.value).toBe('refused: second_factor_failed')
})

test('a wrong password is typed again', async () => {
  send.mockReturnValueOnce(refusal(401, 'login_failed'))
  const it = page()

  await it.signIn()

  expect([it.password.value, it.message.value, it.isBusy.value]).toEqual(['', 'refused: login_failed', false])
})

test('a new PIN is sent only when it was typed twice alike', async () => {
  const it = page()
  it.ask('new_pin')
  it.newPin.value = '402817'
  it.newPinAgain.value = '402871'
  await it.signIn()
  const said = it.message.value
  it.newPin.value = it.newPinAgain.value = '402817'

  await it.signIn()

  expect(said).toBe('unequal')
  expect(send).toHaveBeenCalledOnce()
  expect(send).toHaveBeenCalledWith({ username: 'ana', password: 'secret', new_pin: '402817' })
})

test('without an answer the page says so', async () => {
  send.mockReturnValueOnce(Promise.reject(new TypeError('failed')))
  const it = page()

  await it.signIn()

  expect(it.message.value).toBe('offline')
})

test('starting again forgets everything but the name', async () => {
  send.mockReturnValueOnce(refusal(401, 'second_factor_needed'))
  const it = page()
  await it.signIn()

  it.startAgain()

  expect([it.username.value, it.password.value, it.asksForCode.value, it.message.value]).toEqual(['ana', '', false, ''])
})

test('a name alone leads to the password instead of a refusal', async () => {
  const form = document.body.appendChild(document.createElement('form'))
  form.innerHTML = '<input name="password">'
  const signIn = useSignIn(ref(form), send, () => ({ offline: 'offline', unequal: 'unequal' }))
  signIn.username.value = 'ana'

  await signIn.signIn()
  await nextTick()

  expect(send).not.toHaveBeenCalled()
  expect(document.activeElement).toBe(form.firstElementChild)
  form.remove()
})

test.each([
  ['two that differ', null, 'new_pin'],
  ['one that is too easy', 422, 'new_pin'],
  ['a wrong password', 401, 'password'],
])('after %s a new PIN is typed from the beginning, at the right field', async (_name, status, wanted) => {
  const form = document.body.appendChild(document.createElement('form'))
  form.innerHTML = '<input name="password"><input name="new_pin"><input name="new_pin_again">'
  if (status) send.mockReturnValueOnce(refusal(status, 'refused'))
  const it = useSignIn(ref(form), send, () => ({ offline: 'offline', unequal: 'unequal' }))
  it.ask('new_pin')
  it.username.value = 'ana'
  it.password.value = 'secret'
  it.newPin.value = '402817'
  it.newPinAgain.value = status ? '402817' : '402871'

  await it.signIn()
  await nextTick()
  await nextTick()

  expect([it.newPin.value, it.newPinAgain.value, document.activeElement?.getAttribute('name')]).toEqual(['', '', wanted])
  form.remove()
})
