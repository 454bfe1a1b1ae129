import { ApiError, Unreachable } from './errors'
import type * as T from './types'

const TIMEOUT_MS = 8000

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
interface ErrorBody {
  error?: { code?: string; message?: string; details?: Record<string, unknown> }
}

let csrfToken = ''
let locale: T.Locale = 'en'
interface ApiEvents {
  loginAgain: () => void
  reachable: (yes: boolean) => void
  /** Asked before a request is sent again under a new token: is it still the same person who sends it? */
  isSame: (session: T.Session) => boolean
}
const listeners: ApiEvents = { loginAgain: () => undefined, reachable: () => undefined, isSame: () => true }

/** Called by the page once: who hears of an ended session and of a lost or regained connection. */
export function onApiEvents(events: Partial<ApiEvents>): void {
  Object.assign(listeners, events)
}

export function setApiLocale(value: T.Locale): void {
  locale = value
}

function headers(method: Method): Record<string, string> {
  const base = { Accept: 'application/json', 'Accept-Language': locale === 'zh' ? 'zh-CN,zh;q=0.9' : 'en' }
  return method === 'GET' ? base : { ...base, 'Content-Type': 'application/json', 'X-CSRFToken': csrfToken }
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody
  const after = Number(response.headers.get('Retry-After') ?? NaN)
  const fallback = `HTTP ${response.status}`
  return new ApiError(
    response.status,
    body.error?.code ?? `http_${response.status}`,
    body.error?.message ?? fallback,
    body.error?.details ?? {},
    Number.isFinite(after) ? after : null,
  )
}

async function send(method: Method, path: string, body: unknown, timeoutMs: number): Promise<Response> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), timeoutMs)
  try {
    const init: RequestInit = { method, headers: headers(method), credentials: 'same-origin', signal: abort.signal }
    const response = await fetch(path, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    // The body is read inside the time limit: headers alone are no answer.
    const text = await response.text()
    listeners.reachable(response.status < 502)
    return new Response(response.status === 204 ? null : text, { status: response.status, headers: response.headers })
  } catch {
    listeners.reachable(false)
    throw new Unreachable(abort.signal.aborted ? 'timeout' : 'network')
  } finally {
    clearTimeout(timer)
  }
}

/** One call of the API: its answer, or an `ApiError` or `Unreachable`. */
export async function request<R>(method: Method, path: string, body?: unknown, isRepeat = false): Promise<R> {
  const response = await send(method, path, body, TIMEOUT_MS)
  if (response.ok) {
    if (response.status === 204) return undefined as R
    return (await response.json().catch(() => Promise.reject(new Unreachable('garbled')))) as R
  }
  const error = await refusal(response)
  if (error.code === 'form_expired' && !isRepeat) {
    if (listeners.isSame(await session())) return request<R>(method, path, body, true)
    listeners.loginAgain()
  }
  if (error.code === 'login_again') listeners.loginAgain()
  throw error
}

function remember(answer: T.Session): T.Session {
  csrfToken = answer.csrf_token
  return answer
}

const post = <R>(path: string, body: unknown) => request<R>('POST', path, body)
export const query = (values: Record<string, string>) => new URLSearchParams(values).toString()
export const at = (id: string | number) => encodeURIComponent(String(id))

export async function session(): Promise<T.Session> {
  return remember(await request<T.Session>('GET', '/api/session'))
}
export async function login(what: T.SignIn): Promise<T.Session> {
  return remember(await post<T.Session>('/api/session', what))
}
/** Makes this browser a till of the shop, by the code the back office showed. */
export const enrolTill = (code: string) => post<{ till: string }>('/api/tills', { code })
export async function logout(): Promise<void> {
  await request<undefined>('DELETE', '/api/session')
}
export async function changeLocale(value: T.Locale): Promise<T.Session> {
  return remember(await request<T.Session>('PUT', '/api/session/locale', { locale: value }))
}

export const byBarcode = (code: string) => request<T.Scan>('GET', `/api/products/by-barcode/${at(code)}`)
export const searchProducts = async (text: string) =>
  (await request<{ items: T.Product[] }>('GET', `/api/products?${query({ search: text, limit: '20' })}`)).items
export const availability = async (ids: number[]) =>
  (await request<{ items: T.Availability[] }>('GET', `/api/products/availability?${query({ ids: ids.join(',') })}`)).items

/** The way to the streams; a page that is a till also hears what its camera over the belt reads. */
export const live = (place: T.Place = { till: '', seat: '' }) =>
  request<T.WayToStreams>('GET', `/api/live?${query({ ...place })}`)

export const priceBasket = (lines: T.LineRequest[]) => post<T.PricedBasket>('/api/baskets/price', { lines })
export const park = (basket: { uuid: string; label: string; lines: T.LineRequest[] }) =>
  post<T.ParkedBasket>('/api/baskets/parked', basket)
export const parkedBaskets = async () =>
  (await request<{ items: T.ParkedBasket[] }>('GET', '/api/baskets/parked')).items
export const resumeParked = (uuid: string) => post<T.ParkedBasket>(`/api/baskets/parked/${at(uuid)}/resume`, {})

export const ringUp = (sale: T.SaleRequest) => post<T.Receipt>('/api/sales', sale)
export const sale = (uuid: string) => request<T.Receipt>('GET', `/api/sales/${at(uuid)}`)
export const saleByNumber = (number: string) => request<T.Receipt>('GET', `/api/sales?${query({ number })}`)
export const recentSales = async () =>
  (await request<{ items: T.RecentSale[] }>('GET', '/api/sales?recent=20')).items
export const reprint = (uuid: string) => post<T.Receipt>(`/api/sales/${at(uuid)}/reprints`, {})
export const refund = (saleUuid: string, body: T.RefundRequest) =>
  post<T.Refund>(`/api/sales/${at(saleUuid)}/refunds`, body)
export const approve = (body: { username: string; password: string; action: T.ApprovalAction; subject: string }) =>
  post<T.Approval>('/api/approvals', body)

export const counter = (till: string) => request<T.Counter>('GET', `/api/devices/counter?${query({ till })}`)
export const weigh = async (till: string) =>
  (await request<{ grams: number }>('GET', `/api/devices/scale?${query({ till })}`)).grams
export const openDrawer = (till: string, cause: T.DrawerCause) => post<unknown>('/api/devices/drawer', { till, ...cause })
export const printReceipt = (job: { uuid: string; sale_uuid: string; till: string; is_copy: boolean }) =>
  post<T.PrintJob>('/api/print-jobs', job)
export const printJob = (uuid: string) => request<T.PrintJob>('GET', `/api/print-jobs/${at(uuid)}`)
export const printAgain = (uuid: string) => post<T.PrintJob>(`/api/print-jobs/${at(uuid)}/again`, {})

/** The codes the server reads in a photo. It helps in passing: that nobody answers says nothing of the connection. */
export async function decodePhoto(photo: Blob): Promise<{ codes: T.PhotoCode[] }> {
  const response = await fetch('/api/devices/decode', {
    method: 'POST', body: photo, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { ...headers('POST'), 'Content-Type': photo.type },
  })
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as { codes: T.PhotoCode[] }
}
