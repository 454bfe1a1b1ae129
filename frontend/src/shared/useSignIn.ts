import { computed, nextTick, ref, type Ref } from 'vue'
import { ApiError, textOf } from './errors'
import type { SignIn } from './types'

/** What the server may ask for besides name and password, and the field that takes it. */
const ASKED = { second_factor_needed: 'second_factor', pin_change_needed: 'new_pin' } as const
type Asked = (typeof ASKED)[keyof typeof ASKED]

interface Words {
  offline: string
  unequal: string
}

/** A sign-in: name and password (or PIN), then the one thing more that the server asks for. */
export function useSignIn(form: Ref<HTMLElement | null>, send: (what: SignIn) => Promise<void>, words: () => Words) {
  const username = ref('')
  const password = ref('')
  const code = ref('')
  const newPin = ref('')
  const newPinAgain = ref('')
  const message = ref('')
  const isBusy = ref(false)
  const asked = ref<Asked | null>(null)
  const asksForCode = computed(() => asked.value === 'second_factor')
  const asksForPin = computed(() => asked.value === 'new_pin')

  function ask(what: Asked | null) {
    asked.value = what
    message.value = code.value = newPin.value = newPinAgain.value = ''
    if (what) focus(what)
  }
  function focus(name: Asked | 'password') {
    void nextTick(() => form.value?.querySelector<HTMLElement>(`[name=${name}]`)?.focus())
  }
  /** The same once more, from where it went wrong. */
  function askAgain(what: Asked, status: number) {
    ask(what)
    if (what === 'new_pin' && status === 401) focus('password')
  }
  function unequal() {
    ask('new_pin')
    message.value = words().unequal
  }
  function filled(): SignIn {
    const more = { ...(asksForCode.value && { second_factor: code.value }), ...(asksForPin.value && { new_pin: newPin.value }) }
    return { username: username.value, password: password.value, ...more }
  }
  function refused(error: unknown) {
    const next = error instanceof ApiError ? ASKED[error.code as keyof typeof ASKED] : undefined
    if (next) ask(next)
    else if (asked.value) askAgain(asked.value, error instanceof ApiError ? error.status : 0)
    else password.value = ''
    // The field that appears says it already.
    if (next !== 'second_factor') message.value = error instanceof ApiError ? textOf(error) : words().offline
  }
  async function signIn() {
    if (isBusy.value || !username.value) return
    if (!password.value) return focus('password')
    if (asksForPin.value && newPin.value !== newPinAgain.value) return unequal()
    isBusy.value = true
    message.value = ''
    await send(filled()).catch(refused).finally(() => { isBusy.value = false })
  }
  /** Back to name and password. */
  function startAgain() {
    password.value = ''
    ask(null)
  }

  return { username, password, code, newPin, newPinAgain, message, isBusy, asksForCode, asksForPin, ask, signIn, startAgain }
}
