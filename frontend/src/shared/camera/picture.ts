/** A frame in 192 grey points: enough to see whether anything has moved. */
export type Thumb = Uint8Array
export const THUMB = { width: 16, height: 12 }

export interface Look {
  /** Mean grey, 0 to 255. */
  brightness: number
  /** Variance of the Laplacian of the picture 640 wide; smeared edges make it small. */
  sharpness: number
  thumb: Thumb
}

/** Noise of a camera at rest stays below. */
const SAME = 5

export function difference(one: Thumb, other: Thumb): number {
  let sum = 0
  for (let index = 0; index < one.length; index++) sum += Math.abs((one[index] ?? 0) - (other[index] ?? 0))
  return sum / one.length
}

export function isSamePicture(one: Thumb | null, other: Thumb | null): boolean {
  return one !== null && other !== null && difference(one, other) < SAME
}

function greyOf(data: Uint8ClampedArray): Uint8Array {
  const grey = new Uint8Array(data.length / 4)
  for (let at = 0, from = 0; at < grey.length; at++, from += 4) {
    grey[at] = ((data[from] ?? 0) * 77 + (data[from + 1] ?? 0) * 150 + (data[from + 2] ?? 0) * 29) >> 8
  }
  return grey
}

function thumbOf(grey: Uint8Array, width: number, height: number): Thumb {
  const sums = new Float64Array(THUMB.width * THUMB.height)
  const counts = new Float64Array(sums.length)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * THUMB.height) / height) * THUMB.width
    for (let x = 0; x < width; x++) {
      const cell = row + Math.floor((x * THUMB.width) / width)
      sums[cell] = (sums[cell] ?? 0) + (grey[y * width + x] ?? 0)
      counts[cell] = (counts[cell] ?? 0) + 1
    }
  }
  return Uint8Array.from(sums, (sum, cell) => Math.round(sum / (counts[cell] || 1)))
}

function sharpnessOf(grey: Uint8Array, width: number, height: number): number {
  let sum = 0
  let squares = 0
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      const value = (grey[at - 1] ?? 0) + (grey[at + 1] ?? 0) + (grey[at - width] ?? 0) + (grey[at + width] ?? 0) - 4 * (grey[at] ?? 0)
      sum += value
      squares += value * value
    }
  }
  const count = Math.max(1, (width - 2) * (height - 2))
  return squares / count - (sum / count) ** 2
}

/** How light, how sharp and how it looks from afar. */
export function lookAt(data: Uint8ClampedArray, width: number, height: number): Look {
  const grey = greyOf(data)
  const brightness = grey.reduce((sum, value) => sum + value, 0) / Math.max(1, grey.length)
  return { brightness, sharpness: sharpnessOf(grey, width, height), thumb: thumbOf(grey, width, height) }
}
