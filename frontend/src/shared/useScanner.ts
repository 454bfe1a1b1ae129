import { onBeforeUnmount, onMounted } from 'vue'
import { BURST_LIMITS, ScanBurst } from './scanBurst'

export interface ScannerOptions {
  onScan: (text: string) => void
  /** Whether a fast-typed text may be a scan here at all (a password is not). */
  accepts: (text: string) => boolean
  /** The action of a single typed character, or none. */
  hotkey: (character: string) => (() => void) | undefined
  /** Keys that are neither a scan nor a character. */
  onKey: (event: KeyboardEvent) => void
  /** Where typing belongs when no field has the focus. */
  home: () => HTMLInputElement | null
}

type Field = HTMLInputElement | HTMLTextAreaElement
interface Kept {
  field: Field
  value: string
  start: number | null
  end: number | null
}

/** A scanner's second Enter follows at its own speed; a hand needs far longer. */
const DOUBLE_ENTER_MS = 15

function isField(target: EventTarget | null): target is Field {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
}

/** The character of a key; an input method that hides it still tells which digit or letter was pressed. */
function characterOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  if (event.key.length === 1) return event.key
  if (event.key !== 'Process') return null
  const plain = /^(?:Digit|Numpad)(\d)$/.exec(event.code) ?? /^Key([A-Z])$/.exec(event.code)
  return plain?.[1] ?? null
}

function keep(target: EventTarget | null): Kept | null {
  if (!isField(target)) return null
  return { field: target, value: target.value, start: target.selectionStart, end: target.selectionEnd }
}

function restore(kept: Kept | null): void {
  if (!kept || kept.field.value === kept.value) return
  kept.field.value = kept.value
  kept.field.dispatchEvent(new Event('input', { bubbles: true }))
  kept.field.setSelectionRange(kept.start, kept.end)
}

/** One listener, before all others: recognises scans wherever the focus is and undoes what they typed. */
export function createScanner(options: ScannerOptions): (event: KeyboardEvent) => void {
  const burst = new ScanBurst()
  /** The field as it was before each run of characters. */
  let kept: (Kept | null)[] = []
  let waiting: ReturnType<typeof setTimeout> | undefined
  let lastScanAt = Number.NEGATIVE_INFINITY

  function reset() {
    burst.reset()
    kept = []
  }

  function stop(event: KeyboardEvent) {
    event.preventDefault()
    event.stopImmediatePropagation()
  }

  function onCharacter(event: KeyboardEvent, character: string) {
    if (event.repeat) return reset()
    const isFirst = burst.add(character, event.timeStamp)
    if (!isFirst) {
      clearTimeout(waiting)
      // A space would press the button that has the focus.
      if (character === ' ' && !isField(document.activeElement)) stop(event)
      return
    }
    const action = options.hotkey(character)
    if (!isField(document.activeElement)) options.home()?.focus()
    kept.push(keep(document.activeElement))
    if (!action) return
    event.preventDefault()
    // A scan may begin with this character: act only if no other follows at once.
    waiting = setTimeout(action, BURST_LIMITS.hiccupMs + 10)
  }

  function onEnter(event: KeyboardEvent) {
    const scanned = burst.finish(event.timeStamp)
    const before = scanned ? (kept.at(-scanned.runs) ?? null) : null
    kept = []
    const text = scanned?.text.trim()
    if (text && options.accepts(text)) {
      clearTimeout(waiting)
      stop(event)
      restore(before)
      lastScanAt = event.timeStamp
      return options.onScan(text)
    }
    // Scanners that send CR and LF press Enter twice; a held Enter must not pay.
    if (event.key === 'Enter' && (event.repeat || event.timeStamp - lastScanAt < DOUBLE_ENTER_MS)) return stop(event)
    options.onKey(event)
  }

  return (event) => {
    const character = characterOf(event)
    if (character !== null) return onCharacter(event, character)
    if (event.key === 'Enter' || event.key === 'Tab') return onEnter(event)
    if (event.key === 'Shift' || event.key === 'CapsLock') return
    reset()
    if (!event.isComposing) options.onKey(event)
  }
}

export function useScanner(options: ScannerOptions): void {
  const listener = createScanner(options)
  onMounted(() => window.addEventListener('keydown', listener, { capture: true }))
  onBeforeUnmount(() => window.removeEventListener('keydown', listener, { capture: true }))
}
