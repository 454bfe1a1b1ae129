import { beforeEach, expect, test, vi } from 'vitest'

/** A request of a database that answers, or fails, right after its listeners are set. */
function request<T>(result: T | null): object {
  const made = { result, error: new Error('lost'), onsuccess: () => undefined, onerror: () => undefined }
  setTimeout(() => (result === null ? made.onerror() : made.onsuccess()), 0)
  return made
}
const row = { seq: 1, label: 'Milk' }
function transaction() {
  const made = { oncomplete: () => undefined, objectStore: () => ({ getAll: () => request([row]) }) }
  setTimeout(() => made.oncomplete(), 5)
  return made
}
const open = vi.fn()
const lost = { transaction: () => { throw new DOMException('closing', 'InvalidStateError') } }

beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('indexedDB', { open: open.mockReset().mockImplementation(() => request({ transaction })) })
})

test('a database that the browser has closed is opened anew', async () => {
  open.mockImplementationOnce(() => request(lost))
  const { shelf } = await import('./shelf')

  expect(await shelf.entries()).toEqual([row])
  expect(await shelf.entries()).toEqual([row])

  expect(open).toHaveBeenCalledTimes(2)
})

test('a database that stays away is no endless attempt, and is found once it is back', async () => {
  open.mockImplementation(() => request(null))
  const { shelf } = await import('./shelf')
  await expect(shelf.entries()).rejects.toThrow('lost')

  open.mockImplementation(() => request({ transaction }))

  expect(await shelf.entries()).toEqual([row])
})
