import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { byBarcode } from '@/shared/api'
import { ApiError, textOf } from '@/shared/errors'
import { useNoticeStore } from '@/shared/notices'
import { beep } from '@/shared/sound'
import type { Unit } from '@/shared/types'
import { useCountingStore, type MyLine } from './stores/counting'

/** What is being counted now: a line of the sheet, or a code that only the server can tell. */
export interface Target {
  line: MyLine | null
  code: string | null
  label: string
  /** null: known to the server only. */
  unit: Unit | null
}

/** Leading zeros make an EAN of a UPC and back: the same product. */
export const bare = (code: string) => (/^\d+$/.test(code) ? code.replace(/^0+/, '') : code)

/** From a code to the line it counts. */
export function useCounting() {
  const { t } = useI18n()
  const counting = useCountingStore()
  const notices = useNoticeStore()
  const chosen = ref<Target | null>(null)
  /** With its line as it is now: the answer about an earlier figure may come while this one is keyed in. */
  const target = computed<Target | null>(() => {
    const product = chosen.value?.line?.product_id
    const line = onSheet((one) => one.product_id === product)
    return chosen.value && line ? { ...chosen.value, line } : chosen.value
  })
  let asking = 0

  function choose(line: MyLine) {
    asking += 1
    if (!counting.wanted.some(({ product_id }) => product_id === line.product_id)) return notices.bad(t('count.notAgain', { name: line.name }))
    beep('ok')
    chosen.value = { line, code: null, label: line.name, unit: line.unit }
  }
  const onSheet = (match: (line: MyLine) => boolean) => counting.lines.find(match)

  async function ask(code: string, isLatest: () => boolean) {
    try {
      const { product } = await byBarcode(code)
      if (!isLatest()) return
      const line = onSheet((one) => one.product_id === product.id)
      if (!line) return notices.bad(t('count.notHere', { name: product.name }))
      choose(line)
    } catch (error) {
      if (!isLatest()) return
      if (error instanceof ApiError && error.status < 500 && error.status !== 401) {
        return notices.bad(error.status === 404 ? t('count.unknown', { code }) : textOf(error))
      }
      // Without a network the server decides later.
      chosen.value = { line: null, code, label: t('count.codeOnly', { code }), unit: null }
    }
  }
  /** A code or, typed, the name of the only line that has it. */
  async function take(text: string) {
    const code = text.trim()
    await counting.sheetThere()
    const line = onSheet((one) => one.barcode !== null && bare(one.barcode) === bare(code)) ?? onlyNamed(code)
    if (line) return choose(line)
    asking += 1
    const mine = asking
    await ask(code, () => mine === asking)
  }
  function onlyNamed(text: string) {
    const found = /^\d+$/.test(text) ? [] : named(text)
    return found.length === 1 ? found[0] : undefined
  }
  function named(text: string): MyLine[] {
    const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean)
    return counting.wanted.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)))
  }

  return { target, choose, take, named, close: () => { asking += 1; chosen.value = null } }
}
