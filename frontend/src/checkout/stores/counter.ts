import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as api from '@/shared/api'
import { ApiError, textOf, verdictOf, waitBefore } from '@/shared/errors'
import { useNoticeStore } from '@/shared/notices'
import { pause } from '@/shared/pause'
import type { Counter, DrawerCause, Payment, PrintJob, Receipt, Refund } from '@/shared/types'
import { uuid4 } from '@/shared/uuid'
import { i18n } from '../i18n'
import { useSessionStore } from './session'

const NOTHING: Counter = { printer: null, has_scale: false, waiting: 0, perhaps: 0 }
const LOOKS = 12
const LOOK_AGAIN_MS = 15_000
const UNDER_WAY = ['waiting', 'sending']
/** A drawer that opens later opens for nobody. */
const DRAWER_S = 10
/** A printer takes one caller at a time: the drawer goes first, but no receipt waits long for it. */
const DRAWER_FIRST_S = 2

/** The till's printer, drawer and scale. A sale is over before any of them is asked; none can hold it up. */
export const useCounterStore = defineStore('counter', () => {
  const session = useSessionStore()
  const notices = useNoticeStore()
  const here = ref<Counter>(NOTHING)
  const jobs = ref<Record<string, PrintJob>>({})
  const hasPrinter = computed(() => here.value.printer !== null)
  const hasDrawer = computed(() => here.value.printer?.has_drawer ?? false)
  /** Counted when last asked; a receipt that is on its way for a moment is none. */
  const notOnPaper = computed(() => here.value.waiting + here.value.perhaps)
  /** Why the drawer stayed shut for the last sale or refund, in the cashier's words; empty when it did not. */
  const drawerShut = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  const jobOf = (receipt: Receipt): PrintJob | null => jobs.value[receipt.uuid] ?? null

  /** Asks what stands here; when nobody answers, what stood here before is taken to be there. */
  async function look() {
    here.value = await api.counter(session.till).catch(() => here.value)
    clearTimeout(timer)
    if (notOnPaper.value) timer = setTimeout(() => { if (session.user) void look() }, LOOK_AGAIN_MS)
  }

  function tell(error: unknown) {
    if (error instanceof ApiError) notices.bad(textOf(error))
  }

  /** Follows a receipt for some seconds; what is not on paper by then is printed by the server when it can be. */
  async function follow(receipt: Receipt, job: PrintJob) {
    jobs.value[receipt.uuid] = job
    for (let look = 0; look < LOOKS && UNDER_WAY.includes(job.state); look++) {
      await pause(0.7)
      job = await api.printJob(job.uuid).catch(() => job)
      jobs.value[receipt.uuid] = job
    }
    if (job.state !== 'printed' || notOnPaper.value) void look()
  }

  /** Prints a receipt: the original once, then copies; one that is stuck is tried again. */
  async function print(receipt: Receipt, isCopy: boolean) {
    const known = jobOf(receipt)
    const isStuck = known && known.state !== 'printed' && known.state !== 'sending'
    const copy = isCopy || known !== null
    // The sale's own uuid for the original: asked for twice, it is printed once.
    const job = isStuck
      ? await again(known)
      : await api.printReceipt({ uuid: copy ? uuid4() : receipt.uuid, sale_uuid: receipt.uuid, till: session.till, is_copy: copy })
    jobs.value = {}
    void follow(receipt, job)
  }

  /** Tries a stuck receipt; one that has meanwhile come to paper by itself is not stuck. */
  async function again(job: PrintJob): Promise<PrintJob> {
    try {
      return await api.printAgain(job.uuid)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'print_job_state') return api.printJob(job.uuid)
      throw error
    }
  }

  /** What happens by itself after a sale: the drawer for cash, then the receipt. */
  async function afterSale(receipt: Receipt) {
    await Promise.race([openFor(receipt.payments, { sale_uuid: receipt.uuid }), pause(DRAWER_FIRST_S)])
    if (here.value.printer?.is_automatic) await print(receipt, false).catch(tell)
  }

  /** Cash that goes back needs the drawer too. */
  const afterRefund = (refund: Refund) => openFor(refund.payments, { refund_uuid: refund.uuid })

  /** Opens the drawer when cash changes hands; one that stays shut is said aloud, and nothing waits for it. */
  async function openFor(payments: readonly Payment[], cause: DrawerCause) {
    drawerShut.value = ''
    if (!hasDrawer.value || !payments.some((payment) => payment.tender === 'cash')) return
    const limit = new AbortController()
    const late = new Promise<string>((resolve) => limit.signal.addEventListener('abort', () => resolve(i18n.global.t('printing.drawerKey'))))
    const timer = setTimeout(() => limit.abort(), DRAWER_S * 1000)
    const reason = await Promise.race([tried(cause, limit.signal), late])
    clearTimeout(timer)
    if (!reason) return
    drawerShut.value = i18n.global.t('printing.drawerShut', { reason })
    notices.bad(drawerShut.value)
  }

  /** Asks until somebody has time for the drawer; why it stayed shut, or nothing. */
  async function tried(cause: DrawerCause, limit: AbortSignal): Promise<string> {
    for (let attempt = 1; !limit.aborted; attempt++) {
      try {
        await api.openDrawer(session.till, cause)
        return ''
      } catch (error) {
        if (error instanceof ApiError && error.code === 'printer_away') return textOf(error)
        if (verdictOf(error) !== 'retry') break
        await pause(waitBefore(attempt, error))
      }
    }
    return i18n.global.t('printing.drawerKey')
  }

  /** Without a sale: for who may do that. */
  async function openDrawer() {
    await api.openDrawer(session.till, {}).catch(tell)
  }

  return { here, hasPrinter, hasDrawer, notOnPaper, drawerShut, look, jobOf, print, afterSale, afterRefund, openDrawer }
})
