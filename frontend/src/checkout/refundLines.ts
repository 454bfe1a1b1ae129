import { parseDecimal } from '@/shared/parse'
import type { Receipt, ReceiptLine, RefundRequest, ReturnTo } from '@/shared/types'

/** A receipt line with what the cashier typed beside it. */
export interface ReturnedLine {
  line: ReceiptLine
  left: number
  text: string
  to: ReturnTo
}

export function returnable(receipt: Receipt): ReturnedLine[] {
  return receipt.lines.map((line) => ({ line, left: line.quantity - line.returned, text: '', to: 'shelf' }))
}

/** Thousandths typed for a line: 0 when empty, null when it is no quantity of that unit. */
export function typedQuantity({ line, text }: ReturnedLine): number | null {
  if (!text.trim()) return 0
  const value = parseDecimal(text, 3)
  return value === null || (line.unit === 'piece' && value % 1000) ? null : value
}

export type RefundProblem = { key: 'notNumber' | 'tooMuch'; row: ReturnedLine } | { key: 'nothing' }

/** The first thing wrong with the rows, or null when they may be refunded. */
export function problemOf(rows: readonly ReturnedLine[]): RefundProblem | null {
  for (const row of rows) {
    const quantity = typedQuantity(row)
    if (quantity === null) return { key: 'notNumber', row }
    if (quantity > row.left) return { key: 'tooMuch', row }
  }
  return rows.some((row) => typedQuantity(row)) ? null : { key: 'nothing' }
}

export function refundLines(rows: readonly ReturnedLine[]): RefundRequest['lines'] {
  return rows
    .map((row) => ({ line_id: row.line.id, quantity: typedQuantity(row) ?? 0, to: row.to }))
    .filter((line) => line.quantity > 0)
}

/** What about comes back, in proportion; the server has the last word. */
export function estimate(rows: readonly ReturnedLine[]): number {
  return rows.reduce((sum, row) => {
    const quantity = Math.min(typedQuantity(row) ?? 0, row.left)
    return sum + Math.round((row.line.total * quantity) / row.line.quantity)
  }, 0)
}
