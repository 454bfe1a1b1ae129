import { expect, test } from 'vitest'
import { ApiError, Unreachable, detailLines, textOf, verdictOf, waitBefore } from './errors'

const refusal = (status: number, code = 'x', retryAfterS: number | null = null) => new ApiError(status, code, 'No.', {}, retryAfterS)

test.each([
  [new Unreachable('timeout'), 'retry'],
  [new Unreachable('network'), 'retry'],
  [refusal(503, 'busy'), 'retry'],
  [refusal(500), 'retry'],
  [refusal(429), 'retry'],
  [refusal(401, 'login_again'), 'login'],
  [refusal(409, 'price_changed'), 'refused'],
  [refusal(422, 'payment_short'), 'refused'],
  [refusal(403, 'approval_needed'), 'refused'],
])('%s means %s', (error, verdict) => {
  expect(verdictOf(error)).toBe(verdict)
})

test('the server says how long to wait, else the pause grows to five seconds', () => {
  expect(waitBefore(1, refusal(503, 'busy', 2))).toBe(2)
  expect(waitBefore(1, new Unreachable('network'))).toBe(1)
  expect(waitBefore(9, new Unreachable('network'))).toBe(5)
})

test('the text of a refusal names every bad field', () => {
  const fields = [{ field: 'lines.0.quantity', code: 'range', message: 'At most 999.' }]

  expect(textOf(new ApiError(422, 'invalid_request', 'Please check.', { fields }))).toBe('Please check. · At most 999.')
})

test('what the message says already is not said twice', () => {
  const fields = [{ field: 'password', code: 'short', message: 'Too short.' }]

  expect(textOf(new ApiError(422, 'invalid_request', 'password: Too short.', { fields }))).toBe('password: Too short.')
})

test('details that are no list are no lines', () => {
  expect(detailLines(new ApiError(409, 'x', '', { lines: 'oops' }))).toEqual([])
})
