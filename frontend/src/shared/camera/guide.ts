import { difference, type Look } from './picture'

/** What the person with the camera is told. */
export type Hint = 'aim' | 'dark' | 'bright' | 'still' | 'closer' | 'turn'

/** The measures of the server's own hints. */
const DARK = 50
const BRIGHT = 225
const SHARP = 60
const MOVING = 25
/** Before this there is nothing to complain about. */
const PATIENCE_MS = 1500
const SERVER_MS = 5000
/** Words that change faster cannot be read. */
const SHOWN_MS = 1200

const OF_SERVER: Record<string, Hint> = { too_dark: 'dark', too_bright: 'bright', blurred: 'still', closer: 'closer', turn: 'turn' }

/** Turns what is wrong with the picture into one word at a time. */
export class Guide {
  private hint: Hint = 'aim'
  private changedAt = Number.NEGATIVE_INFINITY
  private goodAt: number | null = null
  private before: Look | null = null
  private server: Hint[] = []
  private serverAt = Number.NEGATIVE_INFINITY
  private answers = 0

  /** A code was read: all is well. */
  read(now: number) {
    this.goodAt = now
    this.server = []
  }

  /** Why the server could not read a frame either. */
  heard(now: number, hints: readonly string[]) {
    this.server = hints.flatMap((name) => OF_SERVER[name] ?? [])
    this.serverAt = now
    this.answers += 1
  }

  next(now: number, look: Look): Hint {
    this.goodAt ??= now
    const wanted = now - this.goodAt < PATIENCE_MS ? 'aim' : this.wanted(now, look)
    this.before = look
    if (wanted !== this.hint && now - this.changedAt >= SHOWN_MS) {
      this.hint = wanted
      this.changedAt = now
    }
    return this.hint
  }

  private wanted(now: number, look: Look): Hint {
    if (look.brightness < DARK) return 'dark'
    if (look.brightness > BRIGHT) return 'bright'
    if (look.sharpness < SHARP || (this.before && difference(this.before.thumb, look.thumb) > MOVING)) return 'still'
    if (now - this.serverAt > SERVER_MS) return 'aim'
    // "Closer" and "turn" come together: each has its turn.
    return this.server[this.answers % Math.max(1, this.server.length)] ?? 'aim'
  }
}
