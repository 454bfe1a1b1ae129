import { isShort, keyOf, type CameraCode, type Sighting } from './codes'
import { isSamePicture, type Thumb } from './picture'

export const JUDGE_LIMITS = {
  /** Reads that make one code lie within this time. */
  agreeMs: 1000,
  reads: 2,
  readsOfShort: 3,
  /** A code that was not seen for this long has left the picture. */
  goneMs: 1500,
  /** One that only the server could read is seen every few seconds at best. */
  goneHardMs: 5000,
  /** Time in which nobody looked (a dialog above, the page hidden) counts no more than this. */
  longestStepMs: 300,
}

interface Track {
  code: CameraCode
  seen: { at: number; sighting: Sighting }[]
  /** By the clock of looking. */
  seenAt: number
  picture: Thumb | null
  isCounted: boolean
  isHard: boolean
}

/** Decides which sightings count: agreeing reads, and each product once until it has left the picture. */
export class SightingJudge {
  private tracks = new Map<string, Track>()
  private countedAt = new Map<string, number>()
  private lastFrameAt: number | null = null
  /** Milliseconds of looking. */
  clock = 0

  /** The codes that count with this frame. */
  frame(now: number, sightings: readonly Sighting[], picture: Thumb | null): CameraCode[] {
    this.clock += Math.min(now - (this.lastFrameAt ?? now), JUDGE_LIMITS.longestStepMs)
    this.lastFrameAt = now
    for (const sighting of sightings) {
      const track = this.trackOf(sighting, picture)
      track.seen.push({ at: now, sighting })
    }
    this.forget(now, picture)
    return sightings.filter((one) => this.isBelieved(one)).flatMap((one) => this.count(keyOf(one)))
  }

  /** What the server read in a frame sent at `sentAt` of the clock: it is sure by itself. */
  sure(code: CameraCode, sentAt: number, picture: Thumb | null): CameraCode[] {
    const countedAt = this.countedAt.get(keyOf(code)) ?? -1
    if (countedAt >= sentAt) return []
    this.trackOf(code, picture).isHard = true
    return this.count(keyOf(code))
  }

  /** What has counted and is still in the picture. */
  get present(): CameraCode | null {
    const recent = [...this.tracks.values()].filter((track) => track.isCounted && this.clock - track.seenAt <= JUDGE_LIMITS.agreeMs)
    return recent.at(-1)?.code ?? null
  }

  private trackOf(code: CameraCode, picture: Thumb | null): Track {
    const key = keyOf(code)
    const fresh = { code, seen: [], seenAt: 0, picture: null, isCounted: false, isHard: false }
    const track: Track = this.tracks.get(key) ?? fresh
    this.tracks.set(key, track)
    track.seenAt = this.clock
    track.picture = picture
    return track
  }

  private forget(now: number, picture: Thumb | null) {
    for (const [key, track] of this.tracks) {
      track.seen = track.seen.filter(({ at }) => now - at <= JUDGE_LIMITS.agreeMs)
      // A picture that has not changed still shows the code, read or not.
      if (isSamePicture(track.picture, picture)) track.seenAt = this.clock
      const patience = track.isHard ? JUDGE_LIMITS.goneHardMs : JUDGE_LIMITS.goneMs
      if (this.clock - track.seenAt > patience) this.tracks.delete(key)
    }
  }

  private isBelieved(sighting: Sighting): boolean {
    const track = this.tracks.get(keyOf(sighting))
    if (!track) return false
    const needed = isShort(sighting) ? JUDGE_LIMITS.readsOfShort : JUDGE_LIMITS.reads
    return track.seen.length >= needed + 2 * this.rivals(sighting)
  }

  /** Other codes seen in the same place: one of the two is misread. */
  private rivals(sighting: Sighting): number {
    const own = keyOf(sighting)
    const others = [...this.tracks].filter(([key]) => key !== own).flatMap(([, track]) => track.seen)
    return others.filter(({ sighting: { x, y } }) => Math.hypot(x - sighting.x, y - sighting.y) < sighting.reach / 2).length
  }

  private count(key: string): CameraCode[] {
    const track = this.tracks.get(key)
    if (!track || track.isCounted) return []
    track.isCounted = true
    this.countedAt.set(key, this.clock)
    return [track.code]
  }
}
