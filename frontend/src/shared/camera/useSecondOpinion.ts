import { onBeforeUnmount, type Ref } from 'vue'
import { decodePhoto } from '../api'
import { ApiError } from '../errors'
import { codeOf, type CameraCode } from './codes'
import { isSamePicture, type Thumb } from './picture'

const EVERY_MS = 2000
const MOST_WIDE = 1280
const QUALITY = 0.85

interface Listeners {
  read: (code: CameraCode, sentAt: number, thumb: Thumb | null) => void
  hints: (hints: readonly string[]) => void
}

/** The server looks at a frame now and then when nothing is read here; without a connection nobody notices. */
export function useSecondOpinion(video: Ref<HTMLVideoElement | null>, listeners: Listeners) {
  const canvas = document.createElement('canvas')
  let dueAt = performance.now() + EVERY_MS
  let isAsking = false
  let isGone = false
  /** A picture the server found nothing in: it would find nothing again. */
  let refused: Thumb | null = null

  /** Something was read here: nothing to ask for a while. */
  function rest() {
    dueAt = performance.now() + EVERY_MS
  }

  function photo(): Promise<Blob | null> {
    const source = video.value
    if (!source?.videoWidth) return Promise.resolve(null)
    const scale = Math.min(1, MOST_WIDE / source.videoWidth)
    canvas.width = Math.round(source.videoWidth * scale)
    canvas.height = Math.round(source.videoHeight * scale)
    canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height)
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
  }

  async function send(clock: number, thumb: Thumb | null) {
    const picture = await photo()
    if (!picture) return
    try {
      const { codes } = await decodePhoto(picture)
      if (isGone) return
      for (const { text, symbology } of codes) {
        const code = codeOf(text, symbology)
        if (code) listeners.read(code, clock, thumb)
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'no_barcode') return
      refused = thumb
      const hints = error.details['hints']
      if (Array.isArray(hints)) listeners.hints(hints.map(String))
    }
  }

  /** Ask when it is time: never two at once, never twice about the same picture. */
  function ask(clock: number, thumb: Thumb | null) {
    const isDue = performance.now() >= dueAt && navigator.onLine && !isAsking && !isGone
    if (!isDue || isSamePicture(refused, thumb)) return
    isAsking = true
    rest()
    void send(clock, thumb).finally(() => { isAsking = false; rest() })
  }

  onBeforeUnmount(() => { isGone = true })
  return { ask, rest }
}
