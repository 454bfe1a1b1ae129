import { expect, test } from 'vitest'
import { addPayment, changeOf, isMuchChange, quickCash, stillDue } from './payment'
import type { Payment } from './types'

test('cash above the total gives change and nothing is due', () => {
  const payments: Payment[] = [{ tender: 'cash', amount: 5000 }]

  expect(stillDue(4145, payments)).toBe(0)
  expect(changeOf(4145, payments)).toBe(855)
})

test('a split sale is paid by each tender once', () => {
  const card = addPayment(1817, [], { tender: 'card', amount: 500 })
  const all = addPayment(1817, card.payments ?? [], { tender: 'cash', amount: 1317 })

  expect(all.payments).toEqual([{ tender: 'card', amount: 500 }, { tender: 'cash', amount: 1317 }])
  expect(stillDue(1817, all.payments ?? [])).toBe(0)
})

test('more of the same tender is added to it', () => {
  const first = addPayment(1000, [], { tender: 'cash', amount: 300 })

  const second = addPayment(1000, first.payments ?? [], { tender: 'cash', amount: 700 })

  expect(second.payments).toEqual([{ tender: 'cash', amount: 1000 }])
})

test('a card may not pay more than is due', () => {
  expect(addPayment(1000, [], { tender: 'card', amount: 1001 })).toEqual({ payments: null, refused: 'change_only_cash' })
})

test('nothing and less than nothing are no payment', () => {
  expect(addPayment(1000, [], { tender: 'cash', amount: 0 }).refused).toBe('amount')
  expect(addPayment(1000, [], { tender: 'cash', amount: -5 }).refused).toBe('amount')
})

test('round sums start with the exact one and never repeat', () => {
  expect(quickCash(4145, 2)).toEqual([4145, 4500, 5000, 6000, 10000])
  expect(quickCash(2000, 2)).toEqual([2000, 5000, 10000])
})

test('round sums of a currency without minor digits are hundreds', () => {
  expect(quickCash(730, 0)).toEqual([730, 1000, 2000, 5000, 10000])
})

test.each([[99_999, 2, false], [100_000, 2, true], [99_999, 0, false], [100_000, 0, true]])('change of %i with %i digits is much: %s', (change, digits, isMuch) => {
  expect(isMuchChange(change, digits)).toBe(isMuch)
})
