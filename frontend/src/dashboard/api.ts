import { query, request } from '@/shared/api'

/** Ask one report; empty values are left out. */
export function report<R>(path: string, asked: Record<string, string>): Promise<R> {
  return request<R>('GET', `/api/reports/${path}${questionMark(asked)}`)
}

/** Where the same report is kept as a file. */
export function fileOf(name: string, kind: 'csv' | 'xlsx', asked: Record<string, string>): string {
  return `/dashboard/files/${name}.${kind}${questionMark(asked)}`
}

function questionMark(asked: Record<string, string>): string {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''))
  return Object.keys(given).length ? `?${query(given)}` : ''
}
