import type { FieldError } from './types'

/** The server answered and refused; `message` is ready to be shown. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly retryAfterS: number | null = null,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** No usable answer came: what the server did with the request is not known. */
export class Unreachable extends Error {
  constructor(readonly reason: 'network' | 'timeout' | 'garbled') {
    super(reason)
    this.name = 'Unreachable'
  }
}

export type Verdict = 'retry' | 'login' | 'refused'

/** What an error says about a write: send the same again, sign in first, or a definite no. */
export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof ApiError)) return 'retry'
  if (error.status === 401) return 'login'
  if (error.status === 408 || error.status === 429 || error.status >= 500) return 'retry'
  return 'refused'
}

/** Seconds to wait before the n-th repeat (1 = first); the server's Retry-After wins. */
export function waitBefore(attempt: number, error: unknown): number {
  if (error instanceof ApiError && error.retryAfterS !== null) return Math.min(Math.max(error.retryAfterS, 0.2), 30)
  return Math.min(attempt, 5)
}

/** The lines a refusal names in its details, or none. */
export function detailLines<T>(error: ApiError, key = 'lines'): T[] {
  const lines = error.details[key]
  return Array.isArray(lines) ? (lines as T[]) : []
}

/** Text for the cashier: the server's message, then each bad field's own. */
export function textOf(error: ApiError): string {
  const fields = detailLines<FieldError>(error, 'fields').map((field) => field.message)
  return [error.message, ...fields.filter((text) => text && !error.message.includes(text))].join(' · ')
}
