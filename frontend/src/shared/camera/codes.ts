import { isGtin } from '../gtin'

/** A code the camera has read beyond reasonable doubt; `gtin` has 14 digits, null where the code carries none. */
export interface CameraCode {
  text: string
  symbology: string
  gtin: string | null
}

/** The same code and where it stood: the middle and half the length, in parts of the picture's width. */
export interface Sighting extends CameraCode {
  x: number
  y: number
  reach: number
}

const RETAIL = ['EAN-13', 'EAN-8', 'UPC-A']
const BY_NUMBER = [...RETAIL, 'ITF-14', 'GS1 DataBar']
const MATRIX = ['QR', 'DataMatrix']

/** Eight digits have little to check themselves by. */
export const isShort = (code: CameraCode) => code.symbology === 'EAN-8' || code.symbology === 'UPC-E'

/** What makes two reads the same: UPC-A and its EAN-13 form are one product. */
export const keyOf = (code: CameraCode) => code.gtin ?? code.text

const padded = (digits: string) => digits.padStart(14, '0')

/** The 12 digits an 8-digit UPC-E stands for (GS1 General Specifications 5.2.2.4.2). */
export function upcA(short: string): string | null {
  if (!/^[01]\d{7}$/.test(short)) return null
  const body = short.slice(1, 7)
  const last = short.charAt(6)
  const middles: Record<string, string> = {
    0: `${body.slice(0, 2)}00000${body.slice(2, 5)}`,
    1: `${body.slice(0, 2)}10000${body.slice(2, 5)}`,
    2: `${body.slice(0, 2)}20000${body.slice(2, 5)}`,
    3: `${body.slice(0, 3)}00000${body.slice(3, 5)}`,
    4: `${body.slice(0, 4)}00000${body.slice(4, 5)}`,
  }
  return short.charAt(0) + (middles[last] ?? `${body.slice(0, 5)}0000${last}`) + short.charAt(7)
}

function gtinOf(text: string, symbology: string): string | null {
  if (symbology === 'UPC-E') {
    const long = text.length === 8 ? upcA(text) : text
    return long && isGtin(long) ? padded(long) : null
  }
  if (BY_NUMBER.includes(symbology)) return isGtin(text) ? padded(text) : null
  const number = /^\(01\)(\d{14})/.exec(text)?.[1]
  return number && isGtin(number) ? number : null
}

/** A read as the shop names it; null for what is no code of a shop or fails its check digit. */
export function codeOf(text: string, symbology: string): CameraCode | null {
  const isZeroed = symbology === 'EAN-13' && text.startsWith('0')
  const plain = isZeroed ? text.slice(1) : symbology === 'GS1 DataBar' ? text.replace(/^\(01\)/, '') : text
  const code = { text: plain, symbology: isZeroed ? 'UPC-A' : symbology, gtin: gtinOf(plain, isZeroed ? 'UPC-A' : symbology) }
  const needsGtin = symbology === 'UPC-E' || BY_NUMBER.includes(symbology) || MATRIX.includes(symbology)
  if (!plain || (needsGtin && !code.gtin)) return null
  return symbology === 'ITF-14' && plain.length !== 14 ? null : code
}

/** What the shop looks up: the digits as printed, else the product number inside a longer text. */
export function lookUpText(code: CameraCode): string {
  return [...RETAIL, 'ITF-14'].includes(code.symbology) ? code.text : (code.gtin ?? code.text)
}
