import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import * as api from '@/shared/api'
import { ApiError, textOf } from '@/shared/errors'
import { useNoticeStore } from '@/shared/notices'
import { pause } from '@/shared/pause'
import type { Counter, PrintJob, Receipt } from '@/shared/types'
import { uuid4 } from '@/shared/uuid'
import { useSessionStore } from './session'

const NOTHING: Counter = { printer: null, has_scale: false, waiting: 0, perhaps: 0 }
const LOOKS = 12
const LOOK_AGAIN_MS = 15_000
const UNDER_WAY = ['waiting', 'sending']

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
    const isCash = receipt.payments.some((payment) => payment.tender === 'cash')
    if (isCash && hasDrawer.value) await openDrawer(receipt.uuid)
    if (here.value.printer?.is_automatic) await print(receipt, false).catch(tell)
  }

  async function openDrawer(saleUuid: string | null = null) {
    await api.openDrawer(session.till, saleUuid).catch(tell)
  }

  return { here, hasPrinter, hasDrawer, notOnPaper, look, jobOf, print, afterSale, openDrawer }
})
