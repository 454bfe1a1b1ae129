import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import type { FrameAnswer } from './barcodeWorker'
import type { CameraCode } from './codes'
import { Guide, type Hint } from './guide'
import { SightingJudge } from './judge'
import { useSecondOpinion } from './useSecondOpinion'

/** A dozen looks a second are plenty and leave a phone cool. */
const EVERY_MS = 80
const STUCK_MS = 5000

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

  function take(answer: Answer) {
    later(Math.max(0, EVERY_MS - (performance.now() - sentAt)))
    if ('failed' in answer) return second.ask(judge.clock, null)
    const now = performance.now()
    if (answer.sightings.length) {
      guide.read(now)
      second.rest()
    }
    tell(judge.frame(now, answer.sightings, answer.look.thumb))
    hint.value = guide.next(now, answer.look)
    present.value = judge.present
    second.ask(judge.clock, answer.look.thumb)
  }

  function started(): Worker {
    const made = new Worker(new URL('./barcodeWorker.ts', import.meta.url), { type: 'module' })
    made.onmessage = (event: MessageEvent<Answer>) => take(event.data)
    // A browser that cannot run it still has the server.
    made.onerror = () => take({ failed: 'worker' })
    return made
  }

  async function look() {
    const source = video.value
    if (!isOn.value || !source) return
    if (source.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !source.videoWidth) return later()
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
