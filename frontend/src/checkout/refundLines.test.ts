import { expect, test } from 'vitest'
import type { Receipt } from '@/shared/types'
import { estimate, problemOf, refundLines, returnable } from './refundLines'

const receipt = {
  lines: [
    { id: 1, product_id: 1, name: 'Milk', unit: 'piece', quantity: 3000, unit_price: 129, total: 387, returned: 1000 },
    { id: 2, product_id: 6, name: 'Gouda', unit: 'kg', quantity: 450, unit_price: 1290, total: 581, returned: 0 },
  ],
} as Receipt

function typed(...texts: string[]) {
  return returnable(receipt).map((row, i) => ({ ...row, text: texts[i] ?? '' }))
}

test('what was returned before cannot be returned again', () => {
  expect(returnable(receipt).map((row) => row.left)).toEqual([2000, 450])
  expect(problemOf(typed('3'))).toMatchObject({ key: 'tooMuch', row: { left: 2000 } })
})

test('half a piece is no quantity, half a kilogram is', () => {
  expect(problemOf(typed('1.5'))).toMatchObject({ key: 'notNumber' })
  expect(problemOf(typed('', '0.4'))).toBeNull()
})

test('nothing chosen is nothing to refund', () => {
  expect(problemOf(typed())).toEqual({ key: 'nothing' })
})

test('only the chosen lines are sent', () => {
  expect(refundLines(typed('2'))).toEqual([{ line_id: 1, quantity: 2000, to: 'shelf' }])
})

test('the estimate is in proportion to what was paid', () => {
  expect(estimate(typed('2', '0.450'))).toBe(258 + 581)
})
