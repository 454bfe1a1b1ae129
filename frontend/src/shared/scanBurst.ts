export interface BurstLimits {
  /** Mean pause between the characters of a scan; no hand is this fast over several keys. */
  meanMs: number
  /** A pause that always keeps two characters together. */
  gapMs: number
  /** A hiccup allowed inside a run that is otherwise fast. */
  hiccupMs: number
  /** Longest pause between the last character and Enter. */
  enterGapMs: number
  minLength: number
}

export const BURST_LIMITS: BurstLimits = { meanMs: 40, gapMs: 50, hiccupMs: 150, enterGapMs: 200, minLength: 4 }

/** Tells a scanner's typing from a person's by speed alone; knows no page and no clock. */
export class ScanBurst {
  private text = ''
  private firstAt = 0
  private lastAt = 0

  constructor(private readonly limits: BurstLimits = BURST_LIMITS) {}

  /** Takes a character typed at `at` ms; true when it starts a new run. */
  add(character: string, at: number): boolean {
    const isFirst = !this.continues(at)
    if (isFirst) this.firstAt = at
    this.text = isFirst ? character : this.text + character
    this.lastAt = at
    return isFirst
  }

  /** Enter at `at` ms: the scanned text, or null when a person typed. */
  finish(at: number): string | null {
    const isLong = this.text.length >= this.limits.minLength
    const text = isLong && this.isFast() && at - this.lastAt <= this.limits.enterGapMs ? this.text : null
    this.reset()
    return text
  }

  reset(): void {
    this.text = ''
  }

  private continues(at: number): boolean {
    if (this.text === '') return false
    const gap = at - this.lastAt
    return gap <= this.limits.gapMs || (gap <= this.limits.hiccupMs && this.isFast())
  }

  private isFast(): boolean {
    const gaps = this.text.length - 1
    return this.lastAt - this.firstAt <= gaps * this.limits.meanMs
  }
}
