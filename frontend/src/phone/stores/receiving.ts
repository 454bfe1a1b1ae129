import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { uuid4 } from '@/shared/uuid'
import * as api from '../api'
import { fresh, keep, kept } from '../offline/fresh'
import type { Order, OrderHead, OrderLine, ReceiptRequest } from '../types'
import { useOutboxStore, type Outcome } from './outbox'
import { useSessionStore } from './session'

/** A line of the delivery at the door. */
export interface DoorLine extends OrderLine {
  /** Still to come, without what is counted now and what waits to be sent. */
  expected: number
  /** Counted at the door now; null while nobody has. */
  now: number | null
}

type Counted = Record<number, number>

/** What came of an order in this delivery: short, surplus or as ordered. */
export const surplusOf = (lines: readonly DoorLine[]) => lines.filter((line) => (line.now ?? 0) > line.expected)
export const shortOf = (lines: readonly DoorLine[]) => lines.filter((line) => (line.now ?? 0) < line.expected)

/** Orders on their way, and the delivery that is being counted; its figures survive a reload. */
export const useReceivingStore = defineStore('phone-receiving', () => {
  const session = useSessionStore()
  const outbox = useOutboxStore()
  const orders = ref<OrderHead[]>([])
  const order = ref<Order | null>(null)
  const counted = ref<Counted>({})
  const asOf = ref<string | null>(null)
  const key = (rest: string) => `${session.holder?.id ?? 0}/${rest}`
  const draftKey = (id: number) => key(`delivery/${id}`)

  /** What was asked for last; an older question's answer is not shown any more. */
  let asked = 0

  watch(() => session.holder?.id, () => { asked += 1; order.value = null; counted.value = {}; orders.value = [] })

  async function loadOrders() {
    const reading = await fresh(key('orders'), () => api.orders('placed'))
    orders.value = reading.value
    asOf.value = reading.asOf
  }
  async function load(id: number) {
    if (order.value?.id !== id) { order.value = null; counted.value = {} }
    asked += 1
    const mine = asked
    const reading = await fresh(key(`order/${id}`), () => api.order(id))
    const draft = await kept<Counted>(draftKey(id))
    if (mine !== asked) return
    counted.value = draft?.value ?? {}
    order.value = reading.value
    asOf.value = reading.asOf
  }

  const waiting = computed(() => outbox.waiting.filter((entry) => entry.kind === 'receipt' && entry.target === order.value?.id))
  /** Of a delivery that the server has, only its answer was lost: it is in what was received already. */
  const has = (one: Order, uuid: string) => one.receipts?.includes(uuid) ?? false
  function unsent(line: number): number {
    const unknown = waiting.value.filter(({ body }) => !order.value || !has(order.value, body.uuid))
    const parts = unknown.flatMap((entry) => (entry.body as ReceiptRequest).lines)
    return parts.filter((part) => part.line_id === line).reduce((sum, part) => sum + part.counted, 0)
  }
  const lines = computed<DoorLine[]>(() => (order.value?.lines ?? []).map((line) => ({
    ...line, expected: Math.max(line.quantity - line.received - unsent(line.id), 0), now: counted.value[line.id] ?? null,
  })))

  async function count(line: number, quantity: number | null) {
    if (!order.value) return
    const others = Object.entries(counted.value).filter(([id]) => Number(id) !== line)
    counted.value = Object.fromEntries(quantity === null ? others : [...others, [line, quantity]])
    await keep(draftKey(order.value.id), counted.value)
  }
  /** Hands the delivery over to the outbox and starts with empty figures. */
  async function finish(choice: { accept_surplus: boolean; close_short: boolean }) {
    const [holder, current] = [session.holder, order.value]
    if (!current || !holder) return
    const parts = lines.value.flatMap((line) => (line.now === null ? [] : [{ line_id: line.id, counted: line.now }]))
    await outbox.put({
      kind: 'receipt', user: holder.id, target: current.id, made_at: new Date().toISOString(), label: current.supplier, refusal: null,
      body: { uuid: uuid4(), lines: parts, note: '', ...choice },
    }, draftKey(current.id))
    counted.value = {}
  }

  async function heard({ entry, refusal }: Outcome) {
    if (entry.kind !== 'receipt' || refusal) return
    // What has come is known here until the server is asked again.
    const came = new Map(entry.body.lines.map((part) => [part.line_id, part.counted]))
    const after = (old: Order): Order => (has(old, entry.body.uuid) ? old : {
      ...old, receipts: [...(old.receipts ?? []), entry.body.uuid],
      lines: old.lines.map((line) => ({ ...line, received: line.received + (came.get(line.id) ?? 0) })),
    })
    if (order.value?.id === entry.target) order.value = after(order.value)
    const old = (await kept<Order>(key(`order/${entry.target}`)))?.value
    if (old) await keep(key(`order/${entry.target}`), after(old))
  }
  outbox.onOutcome(heard)

  return { orders, order, lines, asOf, waiting, loadOrders, load, count, finish }
})
