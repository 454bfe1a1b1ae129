import { beforeEach, expect, test } from 'vitest'
import { codeOf, type Sighting } from './codes'
import { SightingJudge } from './judge'
import { THUMB, type Thumb } from './picture'

const FRAME_MS = 100
const MILK = '4006381333931'
const BREAD = '3850334043641'
const SHORT = '96385074'

let judge: SightingJudge
let now: number

function seen(text: string, symbology = 'EAN-13', x = 0.5): Sighting {
  const code = codeOf(text, symbology)
  if (!code) throw new Error(text)
  return { ...code, x, y: 0.3, reach: 0.2 }
}
const grey = (level: number): Thumb => new Uint8Array(THUMB.width * THUMB.height).fill(level)
/** One frame; it looks like no other unless it is told how it looks. */
function frame(sightings: Sighting[] = [], picture: Thumb | null = null) {
  now += FRAME_MS
  return judge.frame(now, sightings, picture).map(({ text }) => text)
}
const frames = (count: number, sightings: Sighting[] = [], picture: Thumb | null = null) =>
  Array.from({ length: count }, () => frame(sightings, picture)).flat()

beforeEach(() => {
  judge = new SightingJudge()
  now = 1000
})

test('one read is no read, two agreeing ones count', () => {
  expect([frame([seen(MILK)]), frame([seen(MILK)])]).toEqual([[], [MILK]])
})

test('two reads more than a second apart do not agree', () => {
  frame([seen(MILK)])
  frames(10)

  expect(frame([seen(MILK)])).toEqual([])
})

test('eight digits need a third read', () => {
  expect([1, 2, 3].map(() => frame([seen(SHORT, 'EAN-8')]))).toEqual([[], [], [SHORT]])
})

test('what stays in the picture counts once, however long', () => {
  expect(frames(100, [seen(MILK)])).toEqual([MILK])
})

test('what has counted is shown for as long as it is in the picture', () => {
  frame([seen(MILK)])
  expect(judge.present).toBeNull()
  frames(2, [seen(MILK)])
  expect(judge.present?.text).toBe(MILK)
  frames(11)
  expect(judge.present).toBeNull()
})

test('a product that was away for a second and a half counts again, after a shorter time it does not', () => {
  expect(frames(3, [seen(MILK)])).toEqual([MILK])
  frames(14)
  expect(frames(3, [seen(MILK)])).toEqual([])
  frames(16)
  expect(frames(3, [seen(MILK)])).toEqual([MILK])
})

test('a product lying still has not left, even when it cannot be read for a while', () => {
  frames(3, [seen(MILK)], grey(90))
  frames(40, [], grey(91))

  expect(frames(3, [seen(MILK)], grey(90))).toEqual([])
})

test('a pause in looking is no absence', () => {
  frames(3, [seen(MILK)])
  now += 60_000

  expect(frames(3, [seen(MILK)])).toEqual([])
})

test('two products side by side both count', () => {
  expect(frames(2, [seen(MILK, 'EAN-13', 0.2), seen(BREAD, 'EAN-13', 0.8)])).toEqual([MILK, BREAD])
})

test('two readings of one place contradict each other: nothing counts until one of them prevails', () => {
  const answers = [seen(MILK), seen(BREAD), seen(MILK), seen(BREAD)].map((one) => frame([one]))

  expect(answers.flat()).toEqual([])
  expect(frames(12, [seen(MILK)])).toEqual([MILK])
})

test('UPC-A and its EAN-13 form are one product', () => {
  frames(2, [seen('036000291452', 'UPC-A')])

  expect(frames(2, [seen('0036000291452')])).toEqual([])
})

test('the server is believed at once, and a product only it can read counts again after five seconds away', () => {
  const read = () => judge.sure(seen(MILK), judge.clock, null).length

  expect(read()).toBe(1)
  frames(21)
  expect(read()).toBe(0)
  frames(52)
  expect(read()).toBe(1)
})

test('an answer of the server about a frame from before the count adds nothing', () => {
  const sentAt = judge.clock
  frames(3, [seen(MILK)])
  frames(20)

  expect(judge.sure(seen(MILK), sentAt, null)).toEqual([])
})
