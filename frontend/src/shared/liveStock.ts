import * as api from './api'
import type { BeltScan, LiveChange, Place } from './types'

/** The server pings every 15 s: a stream that says nothing for this long is dead, whatever the browser thinks. */
const SILENCE_MS = 40_000
const AGAIN_MS = 8_000

interface Listeners {
  /** New figures of products of this store. */
  changed: (changes: LiveChange[]) => void
  /** Something may have been missed: ask for everything that is shown. */
  resync: () => void
  /** The camera over the belt of this till has read a code. */
  scanned?: (scan: BeltScan) => void
}

export interface LiveStock {
  /** Whether changes arrive by themselves now. */
  readonly isOpen: boolean
  close: () => void
}

function changesOf(data: string): LiveChange[] {
  const rows = JSON.parse(data) as [number, number | null, number][]
  return rows.map(([product_id, available, price]) => ({ product_id, available, price }))
}

/** Keeps a stream of stock and price changes open for as long as it can be had; who uses it polls meanwhile. */
export function openLiveStock(listeners: Listeners, place?: Place): LiveStock {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastId = ''
  let isOpen = false
  let isClosed = false

  function later(ms: number, action: () => void) {
    clearTimeout(timer)
    timer = setTimeout(action, ms)
  }
  function giveUp() {
    source?.close()
    source = null
    isOpen = false
    // A thousand tills that lost their stream together must not come back together.
    if (!isClosed) later(AGAIN_MS * (0.5 + Math.random()), () => void connect())
  }
  function heard() {
    isOpen = true
    later(SILENCE_MS, giveUp)
  }
  function onEvent(event: MessageEvent<string>, act: () => void) {
    heard()
    if (event.lastEventId) lastId = event.lastEventId
    act()
  }
  function listen(stream: EventSource) {
    stream.addEventListener('open', heard)
    stream.addEventListener('ping', heard)
    stream.addEventListener('stock', (event) => onEvent(event, () => listeners.changed(changesOf(event.data as string))))
    stream.addEventListener('resync', (event) => onEvent(event, listeners.resync))
    stream.addEventListener('scan', (event) => onEvent(event, () => listeners.scanned?.(JSON.parse(event.data as string) as BeltScan)))
    stream.addEventListener('error', () => {
      isOpen = false
      // Otherwise the browser tries again by itself and says which event it saw last.
      if (stream.readyState === EventSource.CLOSED) giveUp()
    })
  }
  async function connect() {
    const way = await api.live(place).catch(() => null)
    if (isClosed) return
    if (!way) return giveUp()
    source = new EventSource(`${way.url}?${new URLSearchParams({ token: way.token, last: lastId })}`)
    listen(source)
  }

  if (typeof EventSource !== 'undefined') void connect()
  return {
    get isOpen() { return isOpen },
    close() {
      isClosed = true
      clearTimeout(timer)
      giveUp()
    },
  }
}
