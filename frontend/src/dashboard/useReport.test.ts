import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { useReport } from './useReport'

const LONG = { timeout: 30_000 }
const answers: ((value: Response) => void)[] = []
beforeEach(() => {
  answers.length = 0
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)))
})
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })

describe('useReport', () => {
  it('keeps the answer to the newest question, whichever comes last', async () => {
    const store = ref('1')
    const { found, isLoading } = useReport<{ n: number }>(() => 'today', () => ({ store: store.value }))
    store.value = '2'
    await nextTick()

    answers[1]?.(json({ n: 2 }))
    await vi.waitFor(() => expect(isLoading.value).toBe(false), LONG)
    answers[0]?.(json({ n: 1 }))
    await new Promise((resolve) => setTimeout(resolve, 50))

    expect(found.value).toEqual({ n: 2 })
  })

  it('says why there is no answer and keeps the figures it has', async () => {
    const { found, problem, load } = useReport<{ n: number }>(() => 'today', () => ({}))
    answers[0]?.(json({ n: 1 }))
    await vi.waitFor(() => expect(found.value).not.toBeNull(), LONG)

    void load()
    answers[1]?.(json({ error: { code: 'date_range', message: 'in order' } }, 422))
    await vi.waitFor(() => expect(problem.value).not.toBe(''), LONG)

    expect([found.value, problem.value]).toEqual([{ n: 1 }, 'in order'])
  })

  it('calls figures stale from the moment something else is asked until that is answered', async () => {
    const store = ref('1')
    const { found, isStale, load } = useReport<{ n: number }>(() => 'today', () => ({ store: store.value }))
    answers[0]?.(json({ n: 1 }))
    await vi.waitFor(() => expect(found.value).not.toBeNull(), LONG)
    void load()
    expect(isStale.value).toBe(false)

    store.value = '2'
    const asked = [isStale.value, found.value]
    await nextTick()
    answers[2]?.(json({ n: 2 }))
    await vi.waitFor(() => expect(isStale.value).toBe(false), LONG)

    expect([...asked, found.value]).toEqual([true, { n: 1 }, { n: 2 }])
  })

  it('shows nothing rather than the answer to another question', async () => {
    const store = ref('1')
    const { found, problem, isStale } = useReport<{ n: number }>(() => 'today', () => ({ store: store.value }))
    answers[0]?.(json({ n: 1 }))
    await vi.waitFor(() => expect(found.value).not.toBeNull(), LONG)

    store.value = '2'
    await nextTick()
    answers[1]?.(json({ error: { code: 'not_found', message: 'There is no such store.' } }, 404))
    await vi.waitFor(() => expect(problem.value).not.toBe(''), LONG)

    expect([found.value, isStale.value]).toEqual([null, false])
  })
})
