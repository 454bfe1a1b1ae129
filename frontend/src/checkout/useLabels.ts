import * as api from '@/shared/api'
import { ApiError, detailLines, verdictOf } from '@/shared/errors'
import type { Scan } from '@/shared/types'
import type { BasketLine } from './basketLines'
import { useCheckoutStore } from './stores/checkout'

/** Whether the server refuses lines because a label says something else than they do. */
export function isLabelFault(error: unknown): error is ApiError {
  return error instanceof ApiError && detailLines<{ code?: string }>(error).some((line) => line.code === 'label_mismatch')
}

export interface Reread {
  /** Some line says something else now. */
  hasChanged: boolean
  /** The first line whose label stands for other goods by now, or for none. */
  dead: BasketLine | null
}

/** Scans the labels in the basket once more: what a printed price weighs follows the price per kilogram. */
export function useLabels() {
  const checkout = useCheckoutStore()

  async function readAgain(line: BasketLine): Promise<Scan | null | undefined> {
    try {
      const scan = await api.byBarcode(line.barcode ?? '')
      return scan.product.id === line.product_id && scan.quantity !== null ? scan : null
    } catch (error) {
      // Not answered is not refused: then nothing is known of the label.
      return verdictOf(error) === 'refused' ? null : undefined
    }
  }

  return async function readLabelsAgain(): Promise<Reread> {
    const labels = checkout.lines.filter((line) => line.kind === 'label')
    const scans = await Promise.all(labels.map(readAgain))
    const hasChanged = labels.filter((line, i) => checkout.reread(line.key, scans[i] ?? null)).length > 0
    return { hasChanged, dead: labels.find((_, i) => scans[i] === null) ?? null }
  }
}
