import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { save } from '@/shared/storage'
import { useBeltScans } from './useBeltScans'
import * as ownership from './useOwnership'

beforeEach(() => { vi.spyOn(ownership, 'isOwner').mockReturnValue(true) })
afterEach(() => localStorage.clear())

test('a scan that is sent twice counts once, and the same product again counts again', () => {
  const codes: string[] = []
  const take = useBeltScans((code) => codes.push(code))

  for (const id of ['a', 'a', 'b']) take({ id, code: '4006381333931' })

  expect(codes).toEqual(['4006381333931', '4006381333931'])
})

test('a second window of the same till leaves the scan to the one in use', () => {
  vi.mocked(ownership.isOwner).mockRestore()
  save('window', 'another window')
  const onScan = vi.fn()

  useBeltScans(onScan)({ id: 'a', code: '4006381333931' })

  expect(onScan).not.toHaveBeenCalled()
})
