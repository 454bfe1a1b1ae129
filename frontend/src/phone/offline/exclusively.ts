/** Does the work in one window at a time; false when another window is at it already. */
export async function exclusively(name: string, work: () => Promise<void>): Promise<boolean> {
  const locks = (navigator as { locks?: LockManager }).locks
  if (locks) return locks.request(name, { ifAvailable: true }, async (lock) => { if (lock) await work(); return lock !== null })
  // Missing on plain HTTP: then two windows may send the same, and the server tells by the UUID.
  await work()
  return true
}
