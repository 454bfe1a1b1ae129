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

/** Tells a scanner's typing from a person's by speed alone; knows no page and no clock. */
export class ScanBurst {
  private text = ''
  private lastAt = 0
  private gaps: number[] = []

  constructor(private readonly limits: BurstLimits = BURST_LIMITS) {}

  /** Takes a character typed at `at` ms; true when it starts a new run. */
  add(character: string, at: number): boolean {
    const isFirst = !this.continues(at)
    if (isFirst) this.reset()
    else this.gaps.push(at - this.lastAt)
    this.text += character
    this.lastAt = at
    return isFirst
  }

  /** Enter at `at` ms: the scanned text, or null when a person typed. */
  finish(at: number): string | null {
    const isScan = this.isCertain() && at - this.lastAt <= this.limits.stallMs
    const text = isScan ? this.text : null
    this.reset()
    return text
  }

  reset(): void {
    this.text = ''
    this.gaps = []
  }

  private continues(at: number): boolean {
    // A multiply sign is the cashier's; the code comes after it.
    if (this.text === '' || /[*×]$/.test(this.text)) return false
    const gap = at - this.lastAt
    if (gap <= this.limits.gapMs) return true
    return this.isFast() && gap <= (this.isCertain() ? this.limits.stallMs : this.limits.hiccupMs)
  }

  /** One slow gap says nothing: the machine may have been busy. */
  private isFast(): boolean {
    const sorted = [...this.gaps].sort((a, b) => a - b)
    return (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) <= this.limits.fastMs
  }

  private isCertain(): boolean {
    return this.text.length >= this.limits.minLength && this.isFast()
  }
}
