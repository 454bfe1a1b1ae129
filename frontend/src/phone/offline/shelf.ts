import type { CountRequest, ReceiptRequest } from '../types'

export interface Refusal {
  code: string
  message: string
  details: Record<string, unknown>
}

interface Common {
  /** Place in the order of sending. */
  seq: number
  user: number
  made_at: string
  /** The product or the supplier, for people. */
  label: string
  /** The server's definite no; null while it waits to be sent. */
  refusal: Refusal | null
}

export type CountEntry = Common & { kind: 'count'; target: number; body: CountRequest }
export type ReceiptEntry = Common & { kind: 'receipt'; target: number; body: ReceiptRequest }
export type Entry = CountEntry | ReceiptEntry
export type NewEntry = Omit<CountEntry, 'seq'> | Omit<ReceiptEntry, 'seq'>

/** What survives a reload, a power cut and a lost network. */
export interface Shelf {
  /** Stores an entry behind the others; in the same step it may forget a kept value. */
  add: (entry: NewEntry, forget?: string) => Promise<void>
  put: (entry: Entry) => Promise<void>
  remove: (seq: number) => Promise<void>
  /** Everybody's entries, oldest first. */
  entries: () => Promise<Entry[]>
  keep: (key: string, value: unknown) => Promise<void>
  kept: (key: string) => Promise<unknown>
  /** Forgets all kept values whose key begins so. */
  forget: (prefix: string) => Promise<void>
}

const OUTBOX = 'outbox'
const KEPT = 'kept'

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('aisle-phone', 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(OUTBOX, { keyPath: 'seq', autoIncrement: true })
    request.result.createObjectStore(KEPT)
  }
  return asked(request)
}

let database: Promise<IDBDatabase> | null = null
const forgetDatabase = () => { database = null }

/** A browser may close a database by itself, or fail to open it for once: then it is opened anew. */
async function opened(): Promise<IDBDatabase> {
  database ??= open()
  try {
    const found = await database
    found.onclose = forgetDatabase
    return found
  } catch (error) {
    forgetDatabase()
    throw error
  }
}

async function begun(stores: string[], mode: IDBTransactionMode): Promise<IDBTransaction> {
  // Strict: what was counted is on the disk before the page says so.
  const begin = async () => (await opened()).transaction(stores, mode, { durability: 'strict' })
  try {
    return await begin()
  } catch {
    forgetDatabase()
    return begin()
  }
}

async function within<T>(stores: string[], mode: IDBTransactionMode, work: (of: (name: string) => IDBObjectStore) => Promise<T>): Promise<T> {
  const transaction = await begun(stores, mode)
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'))
  })
  const [result] = await Promise.all([work((name) => transaction.objectStore(name)), done])
  return result
}

/** The browser's own database. */
export const shelf: Shelf = {
  add: (entry, forget) => within([OUTBOX, KEPT], 'readwrite', async (of) => {
    if (forget !== undefined) of(KEPT).delete(forget)
    await asked(of(OUTBOX).add(entry))
  }),
  put: (entry) => within([OUTBOX], 'readwrite', async (of) => { await asked(of(OUTBOX).put(entry)) }),
  remove: (seq) => within([OUTBOX], 'readwrite', (of) => asked(of(OUTBOX).delete(seq))),
  entries: () => within([OUTBOX], 'readonly', (of) => asked(of(OUTBOX).getAll() as IDBRequest<Entry[]>)),
  keep: (key, value) => within([KEPT], 'readwrite', async (of) => { await asked(of(KEPT).put(value, key)) }),
  kept: (key) => within([KEPT], 'readonly', (of) => asked(of(KEPT).get(key) as IDBRequest<unknown>)),
  forget: (prefix) => within([KEPT], 'readwrite', (of) =>
    asked(of(KEPT).delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))),
}
