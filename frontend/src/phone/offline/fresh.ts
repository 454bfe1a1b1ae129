import { ApiError } from '@/shared/errors'
import { shelf } from './shelf'

export interface Reading<T> {
  value: T
  /** When it was fetched, as an ISO instant; null when it is from the server just now. */
  asOf: string | null
}
interface Kept<T> {
  value: T
  at: string
}

const plain = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T

/** Puts a value where it is found again without a network. */
export const keep = (key: string, value: unknown) =>
  shelf.keep(key, { value: plain(value), at: new Date().toISOString() })

/** The value kept, whatever its age. */
export async function kept<T>(key: string): Promise<Kept<T> | null> {
  return ((await shelf.kept(key)) as Kept<T> | undefined) ?? null
}

/** The server's answer, or the last one kept while the server cannot be reached. A refusal stays a refusal. */
export async function fresh<T>(key: string, fetch: () => Promise<T>): Promise<Reading<T>> {
  try {
    const value = await fetch()
    await keep(key, value).catch(() => undefined)
    return { value, asOf: null }
  } catch (error) {
    const isDown = !(error instanceof ApiError) || error.status >= 500 || error.status === 401
    const old = isDown ? await kept<T>(key) : null
    if (!old) throw error
    return { value: old.value, asOf: old.at }
  }
}
