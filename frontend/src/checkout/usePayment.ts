import { useI18n } from 'vue-i18n'
import * as api from '@/shared/api'
import { ApiError, detailLines, textOf } from '@/shared/errors'
import type { Payment, PricedLine, Receipt, SaleRequest, ShortLine, Tender } from '@/shared/types'
import type { BasketLine } from './basketLines'
import { useCheckoutStore } from './stores/checkout'
import { useConnectionStore } from './stores/connection'
import { useCounterStore } from './stores/counter'
import { useDialogStore } from './stores/dialogs'
import { useNoticeStore } from '@/shared/notices'
import { useSessionStore } from './stores/session'
import { useDelivery } from './useDelivery'
import { isLabelFault, useLabels } from './useLabels'
import { isOwner } from './useOwnership'

/** From "pay" to the receipt: one sale however often a key is pressed, the page reloaded or the request repeated. */
export function usePayment(settled: () => Promise<void>) {
  const { t } = useI18n()
  const checkout = useCheckoutStore()
  const connection = useConnectionStore()
  const counter = useCounterStore()
  const dialogs = useDialogStore()
  const notices = useNoticeStore()
  const session = useSessionStore()
  const { deliver } = useDelivery()
  const readLabelsAgain = useLabels()
  let isBusy = false

  /** The server's prices for the basket as it stands, so that the total asked for is the total charged. */
  async function refreshPrices() {
    const priced = await priceBasket().catch(() => null)
    if (priced && !checkout.pending) checkout.applyPrices(priced.lines)
  }

  /** A label that no longer fits would hide the new prices of all the other goods. */
  async function priceBasket() {
    try {
      return await api.priceBasket(checkout.requestLines)
    } catch (error) {
      if (!isLabelFault(error) || checkout.pending || !(await readLabelsAgain()).hasChanged) throw error
      return api.priceBasket(checkout.requestLines)
    }
  }

  async function choosePayments(tender: Tender, payments: Payment[] = []) {
    void refreshPrices()
    const chosen = await dialogs.open('pay', { tender, payments })
    if (chosen) await ringUp(chosen)
  }

  async function ringUp(payments: Payment[], goodsInHand?: SaleRequest['goods_in_hand']) {
    const payload: SaleRequest = {
      uuid: checkout.uuid,
      till: session.till,
      lines: checkout.requestLines,
      payments,
      expected_total: checkout.total,
      ...(goodsInHand && { goods_in_hand: goodsInHand }),
    }
    if (!checkout.begin({ kind: 'sale', payload })) return notices.bad(t('notice.storageFull'))
    await settle(payload)
  }

  async function settle(payload: SaleRequest) {
    const answer = await deliver<Receipt>({ kind: 'sale', payload })
    // The window that took over has sent the same sale and shows its receipt.
    if (!isOwner()) return
    if (answer.refused) return afterRefusal(answer.refused, payload)
    checkout.finish(answer.body)
    notices.clear()
    void counter.afterSale(answer.body)
    void showReceipt(answer.body, false)
  }

  async function showReceipt(receipt: Receipt, isPrinted: boolean) {
    if (dialogs.isOpen('receipt')) return
    await dialogs.open('receipt', { receipt, isFresh: true, isPrinted })
    if (checkout.receipt?.uuid === receipt.uuid) checkout.receiptSeen()
  }

  async function afterRefusal(error: ApiError, payload: SaleRequest) {
    if (error.code === 'insufficient_stock') return onShort(detailLines<ShortLine>(error), payload)
    if (error.code === 'price_changed') return onNewPrices(error, payload)
    if (error.code === 'sale_uuid_conflict') return onConflict(error)
    if (error.code === 'approval_needed' && payload.goods_in_hand) return sellInHand(payload)
    if (error.code === 'approval_invalid') return askApproval(payload)
    if (isLabelFault(error)) return onLabels(error, payload)
    say(error)
  }

  function say(error: ApiError) {
    notices.bad(error.code === 'stopped' ? t('notice.stopped') : [nameOfFault(error), textOf(error)].filter(Boolean).join(' · '))
  }

  /** The first line the server will not sell is selected and named: its number alone is hard to find. */
  function nameOfFault(error: ApiError): string {
    const [fault] = detailLines<{ line?: number }>(error)
    const line = fault?.line === undefined ? undefined : checkout.lines[fault.line]
    if (line) checkout.selected = line.key
    return line?.name ?? ''
  }

  function again(payments: Payment[]) {
    const [only] = payments
    // A single tender is asked for anew; what was already split stays.
    return choosePayments(only?.tender ?? 'cash', payments.length > 1 ? payments : [])
  }

  async function onShort(lines: ShortLine[], payload: SaleRequest) {
    const choice = await dialogs.open('short', { lines })
    if (choice === 'in_hand') return sellInHand(payload, lines.map((line) => line.name).join(', '))
    if (choice !== 'limit') return
    checkout.limitTo(lines)
    if (!checkout.isEmpty) await again(payload.payments)
  }

  async function sellInHand(payload: SaleRequest, about = '') {
    if (session.may('goods_in_hand')) return ringUp(payload.payments, {})
    await askApproval(payload, about)
  }

  async function askApproval(payload: SaleRequest, about = '') {
    const given = await dialogs.open('approval', { action: 'goods_in_hand', subject: payload.uuid, about })
    if (given) await ringUp(payload.payments, { approval: given.approval })
  }

  /** The weight behind a printed price follows the price per kilogram; what is paid for does not. */
  async function onLabels(error: ApiError, payload: SaleRequest) {
    const { hasChanged, dead } = await readLabelsAgain()
    if (dead) return onDeadLabel(dead)
    if (!hasChanged) return say(error)
    if (checkout.total !== payload.expected_total) return again(payload.payments)
    await ringUp(payload.payments, payload.goods_in_hand)
  }

  function onDeadLabel(line: BasketLine) {
    checkout.selected = line.key
    notices.bad(t('notice.labelDead', { name: line.name }))
  }

  async function onNewPrices(error: ApiError, payload: SaleRequest) {
    const lines = detailLines<PricedLine>(error)
    const old = checkout.lines.map((line) => ({ ...line }))
    const total = Number(error.details['total'])
    const isAgreed = await dialogs.open('prices', { old, lines, total, was: payload.expected_total })
    checkout.applyPrices(lines)
    if (isAgreed) await again(payload.payments)
  }

  /** The uuid already stands for another basket: show what was sold, keep what is here under a new one. */
  async function onConflict(error: ApiError) {
    const stored = await api.sale(checkout.uuid).catch(() => null)
    checkout.renew()
    notices.bad(stored ? t('notice.alreadyPaid', { number: stored.number }) : textOf(error))
    if (stored) await dialogs.open('receipt', { receipt: stored, isFresh: false, isPrinted: true })
  }

  /** At most one payment is under way, whatever is pressed. */
  async function alone(work: () => Promise<void>) {
    if (isBusy) return
    isBusy = true
    try {
      await work()
    } finally {
      isBusy = false
    }
  }

  const pay = (tender: Tender) =>
    alone(async () => {
      if (checkout.queue.length && !connection.isReachable) notices.info(t('notice.lookingUp'))
      await settled()
      if (!checkout.isEmpty && !checkout.pending) await choosePayments(tender)
    })

  /** After a reload: the sale that was on its way is sent again, the receipt that was shown is shown again. */
  const resume = () =>
    alone(async () => {
      if (checkout.pending?.kind === 'sale') await settle(checkout.pending.payload)
      // It may have been printed before: a further print counts as a copy.
      else if (checkout.receipt) void showReceipt(checkout.receipt, true)
    })

  return { pay, resume }
}
