import { flushPromises } from './flush'
import { describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { useReport } from './useReport'

const answers: ((value: Response) => void)[] = []
vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)))
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })

describe('useReport', () => {
  it('keeps the answer to the newest question, whichever comes last', async () => {
    const store = ref('1')
    const { found, isLoading } = useReport<{ n: number }>(() => 'today', () => ({ store: store.value }))
    store.value = '2'
    await flushPromises()

    answers[1]?.(json({ n: 2 }))
    await flushPromises()
    answers[0]?.(json({ n: 1 }))
    await flushPromises()

    expect(found.value).toEqual({ n: 2 })
    expect(isLoading.value).toBe(false)
  })

  it('says why there is no answer and keeps the figures it has', async () => {
    answers.length = 0
    const { found, problem, load } = useReport<{ n: number }>(() => 'today', () => ({}))
    answers[0]?.(json({ n: 1 }))
    await flushPromises()

    void load()
    answers[1]?.(json({ error: { code: 'date_range', message: 'in order' } }, 422))
    await flushPromises()

    expect([found.value, problem.value]).toEqual([{ n: 1 }, 'in order'])
  })
})
