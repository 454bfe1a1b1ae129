import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Approval, ApprovalAction, Payment, PricedLine, Product, Receipt, ShortLine, Tender } from '@/shared/types'
import type { BasketLine } from '../basketLines'

/** Every dialog: what it is given, and what it answers (null always means cancelled). */
export interface DialogKinds {
  help: { props: object; answer: true }
  search: { props: { text: string }; answer: Product }
  choose: { props: { code: string; products: Product[] }; answer: Product }
  weight: { props: { product: Product }; answer: number }
  quantity: { props: { line: BasketLine }; answer: number }
  confirm: { props: { title: string; text: string; yes: string }; answer: true }
  pay: { props: { tender: Tender; payments: Payment[] }; answer: Payment[] }
  short: { props: { lines: ShortLine[] }; answer: 'limit' | 'in_hand' }
  prices: { props: { old: BasketLine[]; lines: PricedLine[]; total: number; was: number }; answer: true }
  approval: { props: { action: ApprovalAction; subject: string; about: string }; answer: Approval }
  receipt: { props: { receipt: Receipt; isFresh: boolean; isPrinted: boolean }; answer: true }
  receipts: { props: object; answer: { refund: string } }
  refund: { props: { number: string }; answer: true }
  park: { props: object; answer: string }
  resume: { props: object; answer: true }
  camera: { props: object; answer: true }
}
export type DialogKind = keyof DialogKinds

export interface OpenDialog {
  id: number
  kind: DialogKind
  props: object
  resolve: (answer: unknown) => void
}

/** What a scan does while a dialog is on top: into the basket, refused with a beep, or a new basket. */
export type ScanRule = 'basket' | 'refuse' | 'next'
const RULES: Partial<Record<DialogKind, ScanRule>> = {
  pay: 'refuse',
  short: 'refuse',
  prices: 'refuse',
  approval: 'refuse',
  refund: 'refuse',
  confirm: 'refuse',
  receipt: 'next',
}

export const useDialogStore = defineStore('dialogs', () => {
  const stack = shallowRef<OpenDialog[]>([])
  const top = computed(() => stack.value.at(-1) ?? null)
  const scanRule = computed<ScanRule>(() => {
    const rules = stack.value.map((dialog) => RULES[dialog.kind] ?? 'basket')
    if (rules.includes('refuse')) return 'refuse'
    return rules.includes('next') ? 'next' : 'basket'
  })
  let last = 0

  function open<K extends DialogKind>(kind: K, props: DialogKinds[K]['props']): Promise<DialogKinds[K]['answer'] | null> {
    return new Promise((resolve) => {
      stack.value = [...stack.value, { id: ++last, kind, props, resolve: resolve as (answer: unknown) => void }]
    })
  }
  function close(id: number, answer: unknown = null) {
    const dialog = stack.value.find((other) => other.id === id)
    stack.value = stack.value.filter((other) => other.id !== id)
    dialog?.resolve(answer)
  }
  /** Cancels the open dialogs of one kind. */
  function cancel(kind: DialogKind) {
    for (const dialog of stack.value.filter((other) => other.kind === kind)) close(dialog.id)
  }
  const isOpen = (kind: DialogKind) => stack.value.some((dialog) => dialog.kind === kind)

  return { stack, top, scanRule, open, close, cancel, isOpen }
})
