import { beforeEach, expect, test, vi } from 'vitest'
import * as api from './api'
import { ApiError, Unreachable } from './errors'

const asked: { path: string; init: RequestInit }[] = []
let answers: (Response | Error | 'never')[] = []

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(body), { status, headers })
}
function refusal(status: number, code: string, headers = {}) {
  return answer(status, { error: { code, message: `refused: ${code}`, details: { n: 1 }, request_id: 'r' } }, headers)
}
const session = (csrf_token: string) => answer(200, { user: null, csrf_token, locale: 'en', is_demo: false })

beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push({ path, init })
    const next = answers.shift()
    if (next === 'never') return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
  })
})

test('a refusal carries code, message, details and the wait', async () => {
  answers = [refusal(503, 'busy', { 'Retry-After': '2' })]

  const error = await api.sale('u').catch((e: unknown) => e)

  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 503, code: 'busy', message: 'refused: busy', details: { n: 1 }, retryAfterS: 2 })
})

test('a broken connection and an unreadable answer leave the outcome unknown', async () => {
  answers = [new TypeError('failed'), new Response('<html>', { status: 200 })]

  await expect(api.recentSales()).rejects.toBeInstanceOf(Unreachable)
  await expect(api.recentSales()).rejects.toMatchObject({ reason: 'garbled' })
})

test('a request is given up after eight seconds', async () => {
  vi.useFakeTimers()
  answers = ['never']
  const outcome = api.recentSales().catch((e: unknown) => e)

  await vi.advanceTimersByTimeAsync(8000)

  expect(await outcome).toMatchObject({ reason: 'timeout' })
  vi.useRealTimers()
})

test('a stale form token is fetched anew and the request sent once more', async () => {
  answers = [refusal(400, 'form_expired'), session('fresh'), answer(200, { items: [] })]

  await api.priceBasket([]).catch(() => null)

  expect(asked.map(({ path }) => path)).toEqual(['/api/baskets/price', '/api/session', '/api/baskets/price'])
  expect(asked[2]?.init.headers).toMatchObject({ 'X-CSRFToken': 'fresh' })
})

test('the end of a session is announced', async () => {
  const loginAgain = vi.fn()
  api.onApiEvents({ loginAgain })
  answers = [refusal(401, 'login_again')]

  await api.recentSales().catch(() => null)

  expect(loginAgain).toHaveBeenCalledOnce()
})

test('what is scanned cannot leave its place in the address', async () => {
  answers = [refusal(404, 'unknown_barcode')]

  await api.byBarcode('../../x?y#z').catch(() => null)

  expect(asked[0]?.path).toBe('/api/products/by-barcode/..%2F..%2Fx%3Fy%23z')
})

test('a request is not sent again in the name of somebody else who signed in meanwhile', async () => {
  const loginAgain = vi.fn()
  api.onApiEvents({ loginAgain, isSame: () => false })
  answers = [refusal(400, 'form_expired'), session('of another')]

  const error = await api.recentSales().catch((e: unknown) => e)

  expect(asked).toHaveLength(2)
  expect(error).toMatchObject({ code: 'form_expired' })
  expect(loginAgain).toHaveBeenCalledOnce()
  api.onApiEvents({ isSame: () => true })
})
