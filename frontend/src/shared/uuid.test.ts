import { expect, test } from 'vitest'
import { uuid4 } from './uuid'

test('a new uuid is a random version 4', () => {
  const [first, second] = [uuid4(), uuid4()]

  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(second).not.toBe(first)
})
