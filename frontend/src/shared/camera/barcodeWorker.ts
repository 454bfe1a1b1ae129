/** Reads frames beside the page: by the browser's own detector where there is one, else by ZXing as WebAssembly. */
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { codeOf, type Sighting } from './codes'
import { lookAt, type Look } from './picture'

export interface FrameAnswer {
  sightings: Sighting[]
  look: Look
}

interface Point { x: number; y: number }
interface Found { rawValue: string; format: string; cornerPoints: readonly Point[] }
interface Detector { detect: (image: ImageData) => Promise<Found[]> }
interface DetectorKind {
  new (options: { formats: string[] }): Detector
  getSupportedFormats: () => Promise<string[]>
}

/** One core-friendly width for the quick look, and what a hard look may cost at most. */
const QUICK = 960
const HARD = 1600
const LOOK = 640
/** A browser does not say whether other codes hold GS1 elements: those are left to ZXing. */
const OF_BROWSER: Record<string, string> = { ean_13: 'EAN-13', ean_8: 'EAN-8', upc_a: 'UPC-A', upc_e: 'UPC-E' }
const OF_ZXING: Record<string, string> = {
  EAN13: 'EAN-13', EAN8: 'EAN-8', UPCA: 'UPC-A', UPCE: 'UPC-E', Code128: 'Code 128', ITF: 'ITF-14', ITF14: 'ITF-14',
  DataBar: 'GS1 DataBar', DataBarOmni: 'GS1 DataBar', DataBarStk: 'GS1 DataBar', DataBarStkOmni: 'GS1 DataBar', DataBarLtd: 'GS1 DataBar',
  DataBarExp: 'GS1 DataBar Expanded', DataBarExpStk: 'GS1 DataBar Expanded', QRCode: 'QR', QRCodeModel2: 'QR', DataMatrix: 'DataMatrix',
}
const ALWAYS: ReaderOptions = {
  formats: ['EAN13', 'EAN8', 'UPCA', 'UPCE', 'Code128', 'ITF14', 'DataBar', 'DataBarLtd', 'DataBarExp', 'QRCode', 'DataMatrix'],
  maxNumberOfSymbols: 4, eanAddOnSymbol: 'Ignore', textMode: 'HRI', tryInvert: false,
}

prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) } })

let detector: Promise<Detector | null> | null = null
let turn = 0
const canvas = new OffscreenCanvas(1, 1)
const pen = canvas.getContext('2d', { willReadFrequently: true })

async function ownDetector(): Promise<Detector | null> {
  const kind = (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector
  const known: string[] = (await kind?.getSupportedFormats().catch(() => [])) ?? []
  if (!kind || !known.includes('ean_13')) return null
  return new kind({ formats: Object.keys(OF_BROWSER).filter((format) => known.includes(format)) })
}

function pixels(bitmap: ImageBitmap, mostWide: number): ImageData {
  const width = Math.min(bitmap.width, mostWide)
  const height = Math.max(1, Math.round((bitmap.height * width) / bitmap.width))
  Object.assign(canvas, { width, height })
  if (!pen) throw new Error('no canvas')
  pen.drawImage(bitmap, 0, 0, width, height)
  return pen.getImageData(0, 0, width, height)
}

function sightingsOf(text: string, symbology: string | undefined, corners: readonly Point[], width: number): Sighting[] {
  const code = symbology ? codeOf(text, symbology) : null
  if (!code) return []
  const [xs, ys] = [corners.map(({ x }) => x / width), corners.map(({ y }) => y / width)]
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  const reach = Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)) / 2
  return [{ ...code, x: middle(xs), y: middle(ys), reach }]
}

async function byBrowser(own: Detector, image: ImageData): Promise<Sighting[]> {
  const found = await own.detect(image)
  return found.flatMap((one) => sightingsOf(one.rawValue, OF_BROWSER[one.format], one.cornerPoints, image.width))
}

async function byZxing(image: ImageData, options: ReaderOptions): Promise<Sighting[]> {
  const found = await readBarcodes(image, { ...ALWAYS, ...options })
  return found.flatMap((one) => {
    const { topLeft, topRight, bottomRight, bottomLeft } = one.position
    // Of a UPC-E it tells the long form, and what is printed beside it.
    const text = one.format === 'UPCE' ? ((JSON.parse(one.extra || '{}') as { UPCE?: string }).UPCE ?? one.text) : one.text
    return one.isValid ? sightingsOf(text, OF_ZXING[one.format], [topLeft, topRight, bottomRight, bottomLeft], image.width) : []
  })
}

/** A quick look, and when it finds nothing a slower one: across, then larger. */
async function read(bitmap: ImageBitmap): Promise<Sighting[]> {
  detector ??= ownDetector()
  const own = await detector
  const image = pixels(bitmap, QUICK)
  if (own) {
    const found = await byBrowser(own, image).catch(() => { detector = Promise.resolve(null); return [] })
    if (found.length) return found
  }
  const quick = own ? [] : await byZxing(image, { tryHarder: false, tryRotate: false, tryDownscale: false })
  if (quick.length) return quick
  turn += 1
  return turn % 2 ? byZxing(image, { tryHarder: true }) : byZxing(pixels(bitmap, HARD), { tryHarder: true, tryRotate: false })
}

async function answer(bitmap: ImageBitmap): Promise<FrameAnswer> {
  try {
    const small = pixels(bitmap, LOOK)
    return { look: lookAt(small.data, small.width, small.height), sightings: await read(bitmap) }
  } finally {
    bitmap.close()
  }
}

globalThis.onmessage = (event: MessageEvent<ImageBitmap>) => {
  answer(event.data).then(
    (found) => globalThis.postMessage(found),
    (error: unknown) => globalThis.postMessage({ failed: String(error) }),
  )
}
