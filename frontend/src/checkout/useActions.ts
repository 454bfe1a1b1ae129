import { useI18n } from 'vue-i18n'
import * as api from '@/shared/api'
import { ApiError, textOf } from '@/shared/errors'
import { MOST_QUANTITY, parseEntry } from '@/shared/parse'
import type { Product, Tender } from '@/shared/types'
import { lineOfProduct, overLimit } from './basketLines'
import { useCheckoutStore } from './stores/checkout'
import { useCounterStore } from './stores/counter'
import { useDialogStore } from './stores/dialogs'
import { useNoticeStore } from '@/shared/notices'
import { useSessionStore } from './stores/session'
import { useEntry } from './useEntry'

const CODE = /^(?=.*\d)[\dA-Za-z-]+$/

/** What the cashier can do with a key or a touch. */
export function useActions(pay: (tender: Tender) => Promise<void>) {
  const { t } = useI18n()
  const checkout = useCheckoutStore()
  const counter = useCounterStore()
  const dialogs = useDialogStore()
  const notices = useNoticeStore()
  const session = useSessionStore()
  const entry = useEntry()

  function add(product: Product, quantity: number) {
    if (overLimit(checkout.lines, [lineOfProduct(product, quantity)])) {
      return notices.bad(t('notice.tooMany', { name: product.name, count: MOST_QUANTITY / 1000 }))
    }
    checkout.addProduct(product, quantity)
  }

  async function search(text = '') {
    const product = await dialogs.open('search', { text })
    if (!product) return
    const times = entry.takeTimes()
    if (product.unit === 'kg') {
      const weight = times ?? (await dialogs.open('weight', { product }))
      if (weight) add(product, weight)
    } else if (times !== null && times % 1000) {
      notices.bad(t('notice.wholePieces', { name: product.name }))
    } else {
      add(product, times ?? 1000)
    }
  }

  /** Enter at the entry field: pay when nothing is typed, otherwise look the text up. */
  function submit() {
    const typed = parseEntry(entry.text.value)
    entry.text.value = ''
    if (typed.times !== null) entry.times.value = typed.times
    if (CODE.test(typed.code)) return checkout.enqueue({ code: typed.code, times: entry.takeTimes() })
    if (typed.code) return void search(typed.code)
    if (typed.times === null && entry.times.value === null) void pay('cash')
  }

  async function changeQuantity() {
    const line = checkout.selectedLine
    if (!line) return notices.info(t('notice.noLine'))
    if (line.kind === 'label') return notices.info(t('notice.labelFixed', { name: line.name }))
    const before = line.quantity
    const quantity = await dialogs.open('quantity', { line })
    // What was scanned meanwhile comes on top.
    if (quantity) checkout.setQuantity(line.key, quantity + line.quantity - before)
  }

  function voidLine() {
    const line = checkout.selectedLine
    if (!line) return
    checkout.voidLine(line.key)
    notices.info(t('notice.voided', { name: line.name }))
  }

  async function clear() {
    if (checkout.isEmpty) return
    const text = t('clear.text', { count: checkout.lines.length })
    if (await dialogs.open('confirm', { title: t('clear.title'), text, yes: t('clear.yes') })) checkout.startNew()
  }

  async function park() {
    if (checkout.isEmpty) return notices.info(t('park.empty'))
    const label = await dialogs.open('park', {})
    if (label === null) return
    try {
      // The basket's own uuid makes a repeated request harmless.
      await api.park({ uuid: checkout.uuid, label, lines: checkout.requestLines })
      checkout.startNew()
      notices.good(t('park.done'))
    } catch (error) {
      notices.bad(error instanceof ApiError ? textOf(error) : t('common.error'))
    }
  }

  function resume() {
    if (!checkout.isEmpty) return notices.info(t('resume.notEmpty'))
    void dialogs.open('resume', {})
  }

  async function refund(number = '') {
    if (!session.may('refund')) return notices.bad(t('notice.noRefund'))
    await dialogs.open('refund', { number })
  }

  async function receipts() {
    const answer = await dialogs.open('receipts', {})
    if (answer) await refund(answer.refund)
  }

  async function openDrawer() {
    if (!counter.hasDrawer || !session.user) return
    if (session.may('open_drawer')) await counter.openDrawer()
    else notices.bad(t('notice.noDrawer'))
  }

  const help = () => dialogs.open('help', {})
  const camera = () => dialogs.open('camera', {})
  return { search, submit, changeQuantity, voidLine, clear, park, resume, refund, receipts, openDrawer, help, camera }
}
