import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApp, nextTick, ref, type App } from 'vue'
import { useCamera } from './useCamera'

const stopped = vi.fn()
const track = { stop: stopped, addEventListener: vi.fn(), getCapabilities: () => ({ torch: true }), applyConstraints: vi.fn(() => Promise.resolve()) }
const stream = { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream
const getUserMedia = vi.fn(() => Promise.resolve(stream))
const wanted = ref(true)
let camera: ReturnType<typeof useCamera>
let app: App

async function open() {
  const video = ref<HTMLVideoElement | null>(null)
  app = createApp({ setup() { camera = useCamera(wanted, video); return () => null } })
  app.mount(document.createElement('div'))
  await settled()
}
const settled = () => new Promise((resolve) => setTimeout(resolve))
function hide(isHidden: boolean) {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden)
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  vi.clearAllMocks()
  wanted.value = true
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia } })
})
afterEach(() => app.unmount())

test.each([
  ['NotAllowedError', 'denied'], ['NotFoundError', 'none'], ['OverconstrainedError', 'none'], ['NotReadableError', 'busy'],
])('%s is told as "%s"', async (name, expected) => {
  getUserMedia.mockRejectedValueOnce(new DOMException('', name))

  await open()

  expect([camera.trouble.value, camera.stream.value]).toEqual([expected, null])
})

test('an insecure page is told so and asks for nothing', async () => {
  vi.stubGlobal('isSecureContext', false)

  await open()

  expect([camera.trouble.value, getUserMedia.mock.calls.length]).toEqual(['insecure', 0])
})

test('the camera at the back is preferred, and its light can be turned on', async () => {
  await open()
  await camera.toggleTorch()

  expect(getUserMedia).toHaveBeenCalledExactlyOnceWith({ audio: false, video: expect.objectContaining({ facingMode: { ideal: 'environment' } }) })
  expect([camera.hasTorch.value, camera.isLit.value]).toEqual([true, true])
  expect(track.applyConstraints).toHaveBeenLastCalledWith({ advanced: [{ torch: true }] })
})

test('a hidden page lets the camera go and takes it again when it is seen', async () => {
  await open()

  hide(true)
  expect([stopped.mock.calls.length, camera.stream.value]).toEqual([1, null])
  hide(false)
  await settled()

  expect([getUserMedia.mock.calls.length, camera.stream.value]).toEqual([2, stream])
})

test('a camera that comes after it is no longer wanted is let go at once', async () => {
  let give: (found: MediaStream) => void = () => undefined
  getUserMedia.mockReturnValueOnce(new Promise((resolve) => { give = resolve }))
  await open()

  wanted.value = false
  await nextTick()
  give(stream)
  await settled()

  expect([stopped.mock.calls.length, camera.stream.value]).toEqual([1, null])
})

test('leaving the page ends the camera', async () => {
  await open()

  app.unmount()

  expect(stopped).toHaveBeenCalledOnce()
})
