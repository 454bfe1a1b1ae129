import type { Entry, Shelf } from './shelf'

/** A shelf in memory, for tests; what it gives out are copies, as the browser's database does. */
export function memoryShelf(): Shelf & { rows: () => Entry[] } {
  let last = 0
  const outbox = new Map<number, Entry>()
  const kept = new Map<string, unknown>()
  const rows = () => structuredClone([...outbox.values()].sort((a, b) => a.seq - b.seq))
  return {
    rows,
    async add(entry, forget) {
      last += 1
      outbox.set(last, structuredClone({ ...entry, seq: last } as Entry))
      if (forget !== undefined) kept.delete(forget)
    },
    async put(entry) { outbox.set(entry.seq, structuredClone(entry)) },
    async remove(seq) { outbox.delete(seq) },
    async entries() { return rows() },
    async keep(key, value) { kept.set(key, structuredClone(value)) },
    async kept(key) { return structuredClone(kept.get(key)) },
    async forget(prefix) { for (const key of [...kept.keys()]) if (key.startsWith(prefix)) kept.delete(key) },
  }
}
