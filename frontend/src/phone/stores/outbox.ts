import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { ApiError, textOf, verdictOf, type Verdict } from '@/shared/errors'
import * as api from '../api'
import { exclusively } from '../offline/exclusively'
import { shelf, type CountEntry, type Entry, type NewEntry } from '../offline/shelf'
import { nextOf, type Trouble } from '../offline/turns'
import type { CountAnswer, ReceiptRequest } from '../types'
import { useSessionStore } from './session'

/** Seconds before the n-th repeat; the last goes on for ever. */
const PAUSES = [1, 2, 4, 8, 15, 30, 60]

export interface Outcome {
  entry: Entry
  /** What the server said to a count. */
  answer: CountAnswer | null
  refusal: ApiError | null
}
type Listener = (outcome: Outcome) => void | Promise<void>

function deliver(entry: Entry): Promise<CountAnswer | null> {
  if (entry.kind === 'count') return api.count(entry.target, entry.body)
  return api.receive(entry.target, entry.body).then(() => null)
}

/** A stale token twice in a row means that somebody else has signed in: nothing was decided about the entry. */
function verdictFor(error: unknown): Verdict {
  return error instanceof ApiError && error.code === 'form_expired' ? 'login' : verdictOf(error)
}

/** What this phone has still to tell the server: kept until it says yes, or until somebody discards what it refused. */
export const useOutboxStore = defineStore('phone-outbox', () => {
  const session = useSessionStore()
  const all = ref<Entry[]>([])
  const isSending = ref(false)
  const listeners = new Set<Listener>()
  /** By place in the order of sending; forgotten with the page, which then tries all of them anew. */
  const troubles = ref(new Map<number, Trouble>())
  const mine = computed(() => all.value.filter((entry) => entry.user === session.holder?.id))
  const waiting = computed(() => mine.value.filter((entry) => !entry.refusal))
  const refused = computed(() => mine.value.filter((entry) => entry.refusal))
  const ofOthers = computed(() => all.value.length - mine.value.length)
  let reading: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  /** One after the other: an older picture must not come last. */
  function reload(): Promise<void> {
    // One reading that failed must not fail all later ones.
    reading = reading.catch(() => undefined).then(async () => { all.value = await shelf.entries() })
    return reading
  }
  async function put(entry: NewEntry, forget?: string) {
    await shelf.add(entry, forget)
    // It is kept: whoever were told otherwise would write it down once more, under another UUID.
    await reload().catch(() => undefined)
    void flush()
  }
  async function settle(entry: Entry, outcome: Omit<Outcome, 'entry'>) {
    const { refusal } = outcome
    const kept = refusal && { ...plain(entry), refusal: { code: refusal.code, message: textOf(refusal), details: refusal.details } }
    if (kept) await shelf.put(kept)
    else await shelf.remove(entry.seq)
    // In one step, with no pause in between: a figure is at no moment both waiting and in the server's sum.
    troubles.value.delete(entry.seq)
    all.value = all.value.flatMap((one) => (one.seq !== entry.seq ? [one] : kept ? [kept] : []))
    await Promise.all([...listeners].map((listener) => listener({ entry, ...outcome })))
    await reload()
  }
  function later(error: unknown) {
    const pause = error instanceof ApiError && error.retryAfterS !== null ? error.retryAfterS : (PAUSES[failures] ?? 60)
    failures = Math.min(failures + 1, PAUSES.length - 1)
    // Phones that lost the network together must not come back together.
    timer = setTimeout(() => void flush(), pause * 1000 * (0.8 + Math.random() * 0.4))
  }
  function stumbled({ seq }: Entry, error: unknown) {
    const tries = (troubles.value.get(seq)?.tries ?? 0) + 1
    troubles.value.set(seq, { tries, reason: error instanceof ApiError ? textOf(error) : null })
    later(error)
  }
  /** Sends one; true when the next may follow. */
  async function sendNext(entry: Entry): Promise<boolean> {
    try {
      await settle(entry, { answer: await deliver(entry), refusal: null })
    } catch (error) {
      const verdict = verdictFor(error)
      if (verdict === 'retry') stumbled(entry, error)
      if (verdict !== 'refused') return false
      await settle(entry, { answer: null, refusal: error as ApiError })
    }
    failures = 0
    return true
  }
  async function sendAll() {
    for (;;) {
      // Another window may have added some.
      await reload()
      const entry = nextOf(waiting.value, troubles.value)
      if (!entry || !session.isConfirmed || !(await sendNext(entry))) return
    }
  }
  async function flush() {
    if (isSending.value || !session.isConfirmed) return
    clearTimeout(timer)
    isSending.value = true
    try {
      const wasOurs = await exclusively('aisle-outbox', sendAll)
      if (!wasOurs) await reload()
      if (!wasOurs && waiting.value.length) timer = setTimeout(() => void flush(), 2000)
    } finally {
      isSending.value = false
    }
  }
  /** The network may be back: no long pause any more. */
  function hurry() {
    failures = 0
    return flush()
  }
  async function discard(entry: Entry) {
    await shelf.remove(entry.seq)
    await reload()
  }
  /** Sends what was refused once more, changed as its maker now wants it; the UUID stays. */
  async function amend(entry: Entry, change: Partial<CountEntry['body']> | Partial<ReceiptRequest>) {
    await shelf.put({ ...plain(entry), body: { ...plain(entry).body, ...change }, refusal: null } as Entry)
    await reload()
    void flush()
  }
  function onOutcome(listener: Listener): () => void {
    listeners.add(listener)
    return () => { listeners.delete(listener) }
  }
  /** Why an entry still waits, once it was tried. */
  const troubleOf = ({ seq }: Entry) => troubles.value.get(seq) ?? null
  watch(() => session.isConfirmed, (yes) => { if (yes) void flush() })

  return { waiting, refused, ofOthers, troubleOf, isSending, reload, put, flush, hurry, discard, amend, onOutcome }
})

/** The database cannot store what Vue watches. */
function plain(entry: Entry): Entry {
  return JSON.parse(JSON.stringify(entry)) as Entry
}
