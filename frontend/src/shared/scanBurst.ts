import { isGtin } from './gtin'

export interface BurstLimits {
  /** Median pause between the characters of a scan; no hand is this fast over several keys. */
  fastMs: number
  /** A pause that always keeps two characters together. */
  gapMs: number
  /** A hiccup allowed once the first characters came fast. */
  hiccupMs: number
  /** A hiccup allowed, and the longest wait for Enter, once enough came fast to be no hand. */
  stallMs: number
  minLength: number
}

export const BURST_LIMITS: BurstLimits = { fastMs: 40, gapMs: 50, hiccupMs: 150, stallMs: 500, minLength: 4 }

export interface Scanned {
  text: string
  /** How many runs of characters it is made of; more than one when the machine stalled. */
  runs: number
}

interface Run {
  text: string
  startAt: number
  lastAt: number
  gaps: number[]
}

/** Tells a scanner's typing from a person's by speed alone; knows no page and no clock. */
export class ScanBurst {
  private runs: Run[] = []

  constructor(private readonly limits: BurstLimits = BURST_LIMITS) {}

  /** Takes a character typed at `at` ms; true when it starts a new run. */
  add(character: string, at: number): boolean {
    const run = this.runs.at(-1)
    if (!run || !this.continues(run, at)) {
      this.runs.push({ text: character, startAt: at, lastAt: at, gaps: [] })
      return true
    }
    run.gaps.push(at - run.lastAt)
    run.text += character
    run.lastAt = at
    return false
  }

  /** Enter at `at` ms: what was scanned, or null when a person typed. */
  finish(at: number): Scanned | null {
    const last = this.runs.at(-1)
    const isScan = last && this.isCertain(last) && at - last.lastAt <= this.limits.stallMs
    const scanned = isScan ? this.whole(last.text) : null
    this.reset()
    return scanned
  }

  reset(): void {
    this.runs = []
  }

  /** A stall at its first characters tears a scan apart: the check digit tells which pieces belong together. */
  private whole(text: string): Scanned {
    let joined = text
    for (let runs = 1; !isGtin(joined); runs++) {
      const later = this.runs.at(-runs)
      const earlier = this.runs.at(-runs - 1)
      if (!later || !earlier || later.startAt - earlier.lastAt > this.limits.stallMs) break
      joined = earlier.text + joined
      if (isGtin(joined)) return { text: joined, runs: runs + 1 }
    }
    return { text, runs: 1 }
  }

  private continues(run: Run, at: number): boolean {
    // A multiply sign is the cashier's; the code comes after it.
    if (/[*×]$/.test(run.text)) return false
    const gap = at - run.lastAt
    if (gap <= this.limits.gapMs) return true
    return this.isFast(run) && gap <= (this.isCertain(run) ? this.limits.stallMs : this.limits.hiccupMs)
  }

  /** One slow gap says nothing: the machine may have been busy. */
  private isFast({ gaps }: Run): boolean {
    const sorted = [...gaps].sort((a, b) => a - b)
    return (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) <= this.limits.fastMs
  }

  private isCertain(run: Run): boolean {
    return run.text.length >= this.limits.minLength && this.isFast(run)
  }
}
