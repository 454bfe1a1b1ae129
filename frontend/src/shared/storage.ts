/** JSON in localStorage under one prefix; a full or forbidden store answers false instead of throwing. */
const PREFIX = 'aisle.'

export function storageKey(name: string): string {
  return PREFIX + name
}

export function load(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(storageKey(name)) ?? 'null')
  } catch {
    return null
  }
}

export function save(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(storageKey(name), JSON.stringify(value))
    return true
  } catch {
    return false
  }
}
