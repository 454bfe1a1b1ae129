import { beforeEach, expect, test } from 'vitest'
import { Guide, type Hint } from './guide'
import { lookAt, THUMB, type Look } from './picture'

let guide: Guide
let now: number
const look = (changes: Partial<Look> = {}): Look => ({ brightness: 120, sharpness: 400, thumb: new Uint8Array(THUMB.width * THUMB.height), ...changes })

/** What is shown after so many seconds of frames like this. */
function after(seconds: number, changes: Partial<Look> = {}): Hint {
  let shown: Hint = 'aim'
  for (const end = now + seconds * 1000; now < end; now += 100) shown = guide.next(now, look(changes))
  return shown
}

beforeEach(() => {
  guide = new Guide()
  now = 5000
})

test.each<[Partial<Look>, Hint]>([
  [{ brightness: 20 }, 'dark'], [{ brightness: 240 }, 'bright'], [{ sharpness: 10 }, 'still'], [{}, 'aim'],
])('a picture like %o says "%s" once there was time to read', (changes, expected) => {
  expect(after(1, changes)).toBe('aim')
  expect(after(3, changes)).toBe(expected)
})

test('a hand that moves is told to hold still', () => {
  after(3)
  const far = new Uint8Array(THUMB.width * THUMB.height).fill(200)

  expect(guide.next(now, look({ thumb: far }))).toBe('still')
})

test('closer and turn take turns', () => {
  after(3)
  guide.heard(now, ['closer', 'turn'])
  const first = after(2)
  guide.heard(now, ['closer', 'turn'])

  expect(new Set([first, after(2)])).toEqual(new Set(['closer', 'turn']))
})

test('after a read there is nothing to complain about', () => {
  after(3, { brightness: 20 })
  guide.read(now)

  expect(after(1.4, { brightness: 20 })).toBe('aim')
})

test('light, edges and the picture from afar are measured', () => {
  const [width, height] = [64, 48]
  const bars = new Uint8ClampedArray(width * height * 4).map((_, at) => ((at >> 2) % 4 < 2 ? 0 : 200))
  const plain = new Uint8ClampedArray(width * height * 4).fill(100)

  const [sharp, smooth] = [lookAt(bars, width, height), lookAt(plain, width, height)]

  expect([sharp.brightness, smooth.brightness]).toEqual([100, 100])
  expect([sharp.sharpness > 1000, smooth.sharpness]).toEqual([true, 0])
  expect([...new Set(smooth.thumb)]).toEqual([100])
})
