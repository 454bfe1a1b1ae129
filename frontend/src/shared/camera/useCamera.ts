import { onBeforeUnmount, onMounted, ref, shallowRef, watch, type Ref } from 'vue'

export type Trouble = 'insecure' | 'denied' | 'none' | 'busy'

const WANTED: MediaTrackConstraints = { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } }
const TROUBLES: Record<string, Trouble> = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'none', OverconstrainedError: 'none' }

/** Not every browser's types know the light of a phone. */
interface LightAndFocus extends MediaTrackConstraintSet {
  torch?: boolean
  focusMode?: string
}

/** The camera while `wanted` is true and the page is to be seen; it is off the moment either ends. */
export function useCamera(wanted: Ref<boolean>, video: Ref<HTMLVideoElement | null>) {
  const stream = shallowRef<MediaStream | null>(null)
  const trouble = ref<Trouble | null>(null)
  const hasTorch = ref(false)
  const isLit = ref(false)
  /** Of two starts only the later one counts. */
  let run = 0

  function stop() {
    run += 1
    for (const track of stream.value?.getTracks() ?? []) track.stop()
    stream.value = null
    hasTorch.value = false
    isLit.value = false
  }

  function look(track: MediaStreamTrack | undefined) {
    const able = (track?.getCapabilities?.() ?? {}) as { torch?: boolean; focusMode?: string[] }
    hasTorch.value = Boolean(able.torch)
    if (able.focusMode?.includes('continuous')) void tell(track, { focusMode: 'continuous' })
    // Pulled out or taken away by the system.
    track?.addEventListener('ended', () => { stop(); trouble.value = 'busy' })
  }

  const tell = async (track: MediaStreamTrack | undefined, wish: LightAndFocus) => {
    await track?.applyConstraints({ advanced: [wish] }).catch(() => undefined)
  }

  async function start() {
    stop()
    trouble.value = null
    if (!window.isSecureContext || !('mediaDevices' in navigator)) return void (trouble.value = 'insecure')
    const mine = run
    try {
      const found = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false })
      if (mine !== run) return found.getTracks().forEach((track) => track.stop())
      stream.value = found
      look(found.getVideoTracks()[0])
    } catch (error) {
      if (mine === run) trouble.value = TROUBLES[(error as DOMException).name] ?? 'busy'
    }
  }

  async function toggleTorch() {
    isLit.value = !isLit.value
    await tell(stream.value?.getVideoTracks()[0], { torch: isLit.value })
  }

  function follow() {
    if (wanted.value && !document.hidden) void start()
    else stop()
  }
  watch(wanted, follow)
  watch([stream, video], ([source, element]) => {
    if (!element) return
    element.srcObject = source
    // Refused only where the page was left meanwhile.
    if (source) void element.play().catch(() => undefined)
  })
  onMounted(() => {
    follow()
    document.addEventListener('visibilitychange', follow)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', follow)
    stop()
  })
  return { stream, trouble, hasTorch, isLit, toggleTorch, start }
}
