import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import * as api from '@/shared/api'
import { load, save } from '@/shared/storage'
import type { Currency, Locale, Session, SignIn, User } from '@/shared/types'

const NO_CURRENCY: Currency = { currency: 'EUR', minor_digits: 2 }

/** Who is at the till, which till it is, and the language both speak. */
export const useSessionStore = defineStore('session', () => {
  const user = ref<User | null>(null)
  const isKnown = ref(false)
  const isDemo = ref(false)
  /** This browser was made a till by a manager: PINs are taken here. */
  const isEnrolled = ref(false)
  const locale = ref<Locale>(load('locale') === 'zh' || (load('locale') === null && navigator.language.startsWith('zh')) ? 'zh' : 'en')
  const till = ref(String(load('till') ?? 'T1'))
  const lastCurrency = ref<Currency>((load('currency') as Currency | null) ?? NO_CURRENCY)
  // A language chosen on this page outranks the one the user had; the next user brings their own.
  let hasSwitched = false
  const currency = computed<Currency>(() => user.value?.store ?? lastCurrency.value)

  watch(locale, (value) => { api.setApiLocale(value); save('locale', value) }, { immediate: true, flush: 'sync' })
  watch(till, (value) => save('till', value))

  function adopt(answer: Session) {
    user.value = answer.user
    isDemo.value = answer.is_demo
    isEnrolled.value = Boolean(answer.till)
    if (answer.till) till.value = answer.till
    isKnown.value = true
    if (!answer.user) return
    const { currency, minor_digits } = answer.user.store
    lastCurrency.value = { currency, minor_digits }
    save('currency', lastCurrency.value)
  }

  const refresh = async () => adopt(await api.session())
  async function login(what: SignIn) {
    const answer = await api.login(what)
    adopt(answer)
    if (hasSwitched) void api.changeLocale(locale.value).catch(() => {})
    else locale.value = answer.locale
  }
  async function enrol(code: string) {
    till.value = (await api.enrolTill(code)).till
    isEnrolled.value = true
  }
  async function logout() {
    await api.logout()
    hasSwitched = false
    ended()
    await refresh().catch(() => {})
  }
  /** The server no longer knows this session; the basket stays where it is. */
  function ended() {
    user.value = null
    // A fresh token is needed before the next sign-in.
    void api.session().catch(() => {})
  }
  function setLocale(value: Locale) {
    locale.value = value
    hasSwitched = true
    if (user.value) void api.changeLocale(value).catch(() => {})
  }
  const may = (permission: string) => user.value?.permissions.includes(permission) ?? false

  /** Resolves once somebody is signed in. */
  function signedIn(): Promise<void> {
    if (user.value) return Promise.resolve()
    return new Promise((resolve) => {
      const stop = watch(user, (value) => { if (value) { stop(); resolve() } })
    })
  }

  return { user, isKnown, isDemo, isEnrolled, locale, till, currency, refresh, login, enrol, logout, ended, setLocale, may, signedIn }
})
