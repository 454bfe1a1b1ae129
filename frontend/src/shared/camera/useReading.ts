import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import type { FrameAnswer } from './barcodeWorker'
import type { CameraCode, Sighting } from './codes'
import { Guide, type Hint } from './guide'
import { SightingJudge } from './judge'
import { THUMB, type Look, type Thumb } from './picture'
import { useSecondOpinion } from './useSecondOpinion'

/** A dozen looks a second are plenty and leave a phone cool. */
const EVERY_MS = 80
const STUCK_MS = 5000
/** How often a browser that cannot read by itself looks whether the server should. */
const BLIND_MS = 250
/** What such a browser knows of a picture: nothing to complain about. */
const UNSEEN: Look = { brightness: 128, sharpness: Number.POSITIVE_INFINITY, thumb: new Uint8Array(THUMB.width * THUMB.height) }

type Answer = FrameAnswer | { failed: string }

/** Reads the frames of `video` in a worker, one at a time, while `isOn`; `onCode` hears each code that counts. */
export function useReading(video: Ref<HTMLVideoElement | null>, isOn: Ref<boolean>, onCode: (code: CameraCode) => void) {
  const hint = ref<Hint>('aim')
  const present = ref<CameraCode | null>(null)
  const judge = new SightingJudge()
  const guide = new Guide()
  const second = useSecondOpinion(video, {
    read: (code, sentAt, thumb) => tell(judge.sure(code, sentAt, thumb)),
    hints: (hints) => guide.heard(performance.now(), hints),
  })
  let worker: Worker | null = null
  let isBlind = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let sentAt = 0

  function tell(codes: readonly CameraCode[]) {
    if (!isOn.value) return
    if (codes.length) guide.read(performance.now())
    codes.forEach(onCode)
  }
  function later(ms = EVERY_MS) {
    clearTimeout(timer)
    if (isOn.value) timer = setTimeout(() => void look(), ms)
  }
  function stop() {
    clearTimeout(timer)
    worker?.terminate()
    worker = null
    present.value = null
  }

  function note(sightings: readonly Sighting[], look: Look, thumb: Thumb | null) {
    const now = performance.now()
    if (sightings.length) {
      guide.read(now)
      second.rest()
    }
    tell(judge.frame(now, sightings, thumb))
    hint.value = guide.next(now, look)
    present.value = judge.present
    second.ask(judge.clock, thumb)
  }
  function take(answer: Answer) {
    later(Math.max(0, EVERY_MS - (performance.now() - sentAt)))
    if ('failed' in answer) note([], UNSEEN, null)
    else note(answer.sightings, answer.look, answer.look.thumb)
  }
  /** A browser that cannot run the worker still has the server. */
  function goBlind() {
    stop()
    isBlind = true
    later(0)
  }

  function started(): Worker {
    const made = new Worker(new URL('./barcodeWorker.ts', import.meta.url), { type: 'module' })
    made.onmessage = (event: MessageEvent<Answer>) => take(event.data)
    made.onerror = goBlind
    return made
  }

  async function look() {
    const source = video.value
    if (!isOn.value || !source) return
    if (source.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !source.videoWidth) return later()
    if (isBlind) {
      note([], UNSEEN, null)
      return later(BLIND_MS)
    }
    const frame = await createImageBitmap(source).catch(() => null)
    if (!frame || !isOn.value) return later()
    worker ??= started()
    sentAt = performance.now()
    worker.postMessage(frame, [frame])
    // Silence is no answer: begin again.
    clearTimeout(timer)
    timer = setTimeout(() => { stop(); later() }, STUCK_MS)
  }

  watch(isOn, (on) => (on ? later(0) : stop()), { immediate: true })
  onBeforeUnmount(stop)
  return { hint, present }
}
