import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { uuid4 } from '@/shared/uuid'
import * as api from '../api'
import { fresh, keep, kept } from '../offline/fresh'
import type { CountLine, CountRequest, How, Place, Sheet, Stocktake } from '../types'
import { useOutboxStore, type Outcome } from './outbox'
import { useSessionStore } from './session'

/** A line as its counter sees it: with what this phone has not sent yet. */
export interface MyLine extends CountLine {
  /** Mine in all, sent or not; null when I have not counted it. */
  mine: number | null
  isWaiting: boolean
}

/** What this phone has still to say of a product; all of it, or on top of what the server has. */
interface Unsent {
  sum: number
  isAll: boolean
}

/** Without the names of colleagues: the phone keeps none. */
function plainHead({ id, state, kind, name, opened_at, products, counted, recounts }: Stocktake): Stocktake {
  return { id, state, kind, name, opened_at, products, counted, recounts }
}

function plainSheet(sheet: Sheet): Sheet {
  return { ...plainHead(sheet), lines: sheet.lines }
}

type News = Partial<CountLine> & { contained?: string }

/** What the server's answer says of my own figure, and which count that figure contains: a refusal may know it better, too. */
function newsOf({ entry, answer, refusal }: Outcome): News | null {
  if (entry.kind !== 'count') return null
  if (answer) return { product_id: answer.product_id, counted: answer.total, needs_recount: answer.needs_recount, contained: entry.body.uuid }
  const { product_id } = entry.body
  if (refusal?.code !== 'already_counted' || product_id === undefined) return null
  return { product_id, counted: Number(refusal.details['total'] ?? 0) }
}

function withNews(line: CountLine, { contained, ...news }: News): CountLine {
  const isKnown = contained !== undefined && line.own_counts?.includes(contained)
  if (line.product_id !== news.product_id || isKnown) return line
  return { ...line, ...news, own_counts: [...(line.own_counts ?? []), ...(contained === undefined ? [] : [contained])] }
}

const updated = (sheet: Sheet, news: News): Sheet => ({ ...sheet, lines: sheet.lines.map((line) => withNews(line, news)) })

/** The stocktake sessions, and the sheet that is being counted. */
export const useCountingStore = defineStore('phone-counting', () => {
  const session = useSessionStore()
  const outbox = useOutboxStore()
  const sessions = ref<Stocktake[]>([])
  const sheet = ref<Sheet | null>(null)
  const asOf = ref<string | null>(null)
  const key = (rest: string) => `${session.holder?.id ?? 0}/${rest}`
  const sheetKey = (id: number) => key(`stocktake/${id}`)

  /** What was asked for last; an older question's answer is not shown any more. */
  let asked = 0
  /** What was heard while a sheet was on its way: it may have been read before that was stored. */
  let meanwhile: { sheet: number; news: News }[] = []

  watch(() => session.holder?.id, () => { asked += 1; sheet.value = null; sessions.value = [] })

  async function loadSessions() {
    const reading = await fresh(key('stocktakes'), async () => (await api.stocktakes()).map(plainHead))
    sessions.value = reading.value
    asOf.value = reading.asOf
  }
  /** Hands the counting in; what cannot be believed comes back to be counted again. */
  async function close() {
    if (!sheet.value) return
    sheet.value = plainSheet(await api.closeStocktake(sheet.value.id))
    await keep(sheetKey(sheet.value.id), sheet.value).catch(() => undefined)
  }
  let loading: Promise<unknown> = Promise.resolve()
  function loadSheet(id: number) {
    const load = readSheet(id)
    loading = load.catch(() => undefined)
    return load
  }
  /** Resolves when there is a sheet, or none to wait for: a scanner is faster than the network. */
  async function sheetThere() {
    if (!sheet.value) await loading
  }
  async function readSheet(id: number) {
    if (sheet.value?.id !== id) sheet.value = null
    asked += 1
    const mine = asked
    meanwhile = []
    const reading = await fresh(sheetKey(id), async () => plainSheet(await api.sheet(id)))
    if (mine !== asked) return
    const missed = meanwhile.filter((one) => one.sheet === id && one.news.contained !== undefined)
    sheet.value = missed.reduce((known, { news }) => updated(known, news), reading.value)
    if (missed.length) await keep(sheetKey(id), sheet.value).catch(() => undefined)
    asOf.value = reading.asOf
  }

  const waiting = computed(() => outbox.waiting.filter((entry) => entry.kind === 'count' && entry.target === sheet.value?.id))
  const unsent = computed(() => {
    const sums = new Map<number, Unsent>()
    const contained = new Set((sheet.value?.lines ?? []).flatMap((line) => line.own_counts ?? []))
    for (const { body } of waiting.value) {
      const { uuid, product_id, quantity, instead } = body as CountRequest
      // The server has it, only its answer was lost: it is in its figure already.
      if (!product_id || contained.has(uuid)) continue
      const before = sums.get(product_id)
      sums.set(product_id, instead ? { sum: quantity, isAll: true } : { sum: (before?.sum ?? 0) + quantity, isAll: before?.isAll ?? false })
    }
    return sums
  })
  const lines = computed<MyLine[]>(() => (sheet.value?.lines ?? []).map((line) => {
    const more = unsent.value.get(line.product_id)
    const before = line.needs_recount ? null : line.counted
    return { ...line, mine: more === undefined ? before : more.sum + (more.isAll ? 0 : (before ?? 0)), isWaiting: more !== undefined }
  }))
  /** After the close only what has to be counted again. */
  const wanted = computed(() => (sheet.value?.state === 'open' ? lines.value : lines.value.filter((line) => line.needs_recount || line.isWaiting)))
  const done = computed(() => wanted.value.filter((line) => line.mine !== null).length)

  /** Writes a count down; it is on this phone when the promise resolves, and sent as soon as possible. */
  async function count(item: { product_id: number } | { code: string }, label: string, quantity: number, how: How, place: Place) {
    const holder = session.holder
    if (!sheet.value || !holder) return
    const at = new Date().toISOString()
    await outbox.put({
      kind: 'count', user: holder.id, target: sheet.value.id, made_at: at, label, refusal: null,
      body: { uuid: uuid4(), ...item, quantity, counted_at: at, add: how === 'more', ...(how === 'instead' && { instead: true }), place },
    })
  }

  async function heard(outcome: Outcome) {
    const { entry } = outcome
    const news = newsOf(outcome)
    if (!news) return
    meanwhile.push({ sheet: entry.target, news })
    const old = sheet.value?.id === entry.target ? sheet.value : (await kept<Sheet>(sheetKey(entry.target)))?.value
    if (!old) return
    const changed = updated(old, news)
    if (sheet.value?.id === entry.target) sheet.value = changed
    await keep(sheetKey(entry.target), changed)
  }
  outbox.onOutcome(heard)

  return { sessions, sheet, asOf, lines, wanted, done, waiting, loadSessions, loadSheet, sheetThere, close, count }
})
