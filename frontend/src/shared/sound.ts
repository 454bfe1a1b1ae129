const TONES = {
  read: [{ hz: 1980, at: 0, for: 0.04 }],
  ok: [{ hz: 1320, at: 0, for: 0.06 }],
  bad: [
    { hz: 330, at: 0, for: 0.16 },
    { hz: 220, at: 0.18, for: 0.22 },
  ],
} as const

let audio: AudioContext | null = null

/** A short tone; silence where the browser has no sound is no error. */
export function beep(kind: keyof typeof TONES): void {
  try {
    audio ??= new AudioContext()
    void audio.resume()
    for (const tone of TONES[kind]) {
      const start = audio.currentTime + tone.at
      const oscillator = new OscillatorNode(audio, { frequency: tone.hz, type: 'square' })
      const volume = new GainNode(audio, { gain: 0.08 })
      oscillator.connect(volume).connect(audio.destination)
      oscillator.start(start)
      oscillator.stop(start + tone.for)
    }
  } catch {
    audio = null
  }
}
