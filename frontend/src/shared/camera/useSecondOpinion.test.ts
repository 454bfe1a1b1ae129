import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, ref, type App } from 'vue'
import * as api from '../api'
import { ApiError, Unreachable } from '../errors'
import { THUMB, type Thumb } from './picture'
import { useSecondOpinion } from './useSecondOpinion'

const MILK = '4006381333931'
const read = vi.fn()
const hints = vi.fn()
const picture = (level: number): Thumb => new Uint8Array(THUMB.width * THUMB.height).fill(level)
let second: ReturnType<typeof useSecondOpinion>
let app: App
let level = 0

/** So many seconds of frames that all look different, or all like one picture. */
async function look(seconds: number, like?: Thumb) {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    await vi.advanceTimersByTimeAsync(100)
    level = (level + 20) % 240
    second.ask(tenth, like ?? picture(level))
  }
}
const asked = () => vi.mocked(api.decodePhoto).mock.calls.length

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  vi.stubGlobal('navigator', { onLine: true })
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done) => done(new Blob(['jpeg'], { type: 'image/jpeg' })))
  vi.spyOn(api, 'decodePhoto').mockResolvedValue({ codes: [] })
  const video = ref({ videoWidth: 1920, videoHeight: 1080 } as HTMLVideoElement)
  app = createApp({ setup() { second = useSecondOpinion(video, { read, hints }); return () => null } })
  app.mount(document.createElement('div'))
})
afterEach(() => {
  app.unmount()
  vi.useRealTimers()
})

test('every two seconds one frame goes to the server', async () => {
  await look(7)

  expect(asked()).toBe(3)
})

test('while an answer is awaited nothing else is asked', async () => {
  vi.mocked(api.decodePhoto).mockReturnValue(new Promise(() => undefined))

  await look(20)

  expect(asked()).toBe(1)
})

test('what was read here needs no second opinion', async () => {
  await look(1.9)
  second.rest()
  await look(1.9)

  expect(asked()).toBe(0)
})

test('what the server read is handed on with the time of its frame', async () => {
  vi.mocked(api.decodePhoto).mockResolvedValueOnce({ codes: [{ text: MILK, symbology: 'EAN-13' }, { text: '4006381333932', symbology: 'EAN-13' }] })

  await look(3)

  expect(read.mock.calls.map(([code, at]) => [code.text, at])).toEqual([[MILK, 19]])
})

test('its hints are handed on, and the same picture is not asked about again', async () => {
  vi.mocked(api.decodePhoto).mockRejectedValue(new ApiError(422, 'no_barcode', '', { hints: ['closer', 'turn'] }))

  await look(9, picture(100))

  expect([asked(), hints.mock.calls]).toEqual([1, [[['closer', 'turn']]]])
})

test.each([new Unreachable('network'), new ApiError(503, 'busy', ''), new ApiError(401, 'login_again', '')])(
  'without an answer nobody notices, and it is tried again: %s', async (error) => {
    vi.mocked(api.decodePhoto).mockRejectedValue(error)

    await look(5)

    expect([asked(), read.mock.calls.length, hints.mock.calls.length]).toEqual([2, 0, 0])
  },
)

test('offline nothing is sent', async () => {
  vi.stubGlobal('navigator', { onLine: false })

  await look(5)

  expect(asked()).toBe(0)
})
