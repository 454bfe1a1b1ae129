import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import * as api from '@/shared/api'
import { load, save } from '@/shared/storage'
import type { Currency, Locale, Session, SignIn } from '@/shared/types'
import { shelf } from '../offline/shelf'

/** What the page remembers of whoever signed in, so that it works after a reload without a network: no name. */
export interface Holder {
  id: number
  permissions: string[]
  store: Currency & { name: string; time_zone: string }
}

const SLOT = 'phone.holder'

function holderOf({ user }: Session): Holder | null {
  if (!user) return null
  const { name, time_zone, currency, minor_digits } = user.store
  return { id: user.id, permissions: [...user.permissions], store: { name, time_zone, currency, minor_digits } }
}

/** Who works with this phone, whether the server agrees just now, and the language both speak. */
export const useSessionStore = defineStore('phone-session', () => {
  const holder = ref<Holder | null>(load(SLOT) as Holder | null)
  /** The server has said in this window that `holder` is signed in. */
  const isConfirmed = ref(false)
  /** The server has said that nobody is. */
  const mustSignIn = ref(false)
  const isDemo = ref(false)
  const locale = ref<Locale>(load('locale') === 'zh' || (load('locale') === null && navigator.language.startsWith('zh')) ? 'zh' : 'en')
  const needsLogin = computed(() => mustSignIn.value || holder.value === null)
  let hasSwitched = false

  watch(locale, (value) => { api.setApiLocale(value); save('locale', value) }, { immediate: true, flush: 'sync' })

  function adopt(answer: Session) {
    isDemo.value = answer.is_demo
    const found = holderOf(answer)
    isConfirmed.value = found !== null
    mustSignIn.value = found === null
    if (!found) return
    holder.value = found
    save(SLOT, found)
  }
  const refresh = async () => adopt(await api.session())
  async function login(what: SignIn) {
    const answer = await api.login(what)
    adopt(answer)
    if (hasSwitched) void api.changeLocale(locale.value).catch(() => {})
    else locale.value = answer.locale
  }
  /** What waits in the outbox stays for its user; lists and sheets go. */
  async function logout() {
    await api.logout()
    if (holder.value) await shelf.forget(`${holder.value.id}/`)
    holder.value = null
    hasSwitched = false
    save(SLOT, null)
    await refresh().catch(() => {})
  }
  /** The server no longer knows this session. */
  function ended() {
    isConfirmed.value = false
    mustSignIn.value = true
    // A fresh token is needed before the next sign-in.
    void api.session().catch(() => {})
  }
  function setLocale(value: Locale) {
    locale.value = value
    hasSwitched = true
    if (isConfirmed.value) void api.changeLocale(value).catch(() => {})
  }
  const may = (permission: string) => holder.value?.permissions.includes(permission) ?? false
  /** Before anybody is signed in here, as in the login itself, nobody can be another one. */
  const isSame = (answer: Session) => !isConfirmed.value || answer.user?.id === holder.value?.id

  return { holder, isConfirmed, mustSignIn, needsLogin, isDemo, locale, refresh, login, logout, ended, setLocale, may, isSame }
})
