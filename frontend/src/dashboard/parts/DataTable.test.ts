import { createApp, nextTick } from 'vue'
import { expect, it, vi } from 'vitest'
import DataTable from './DataTable.vue'

it('says at its edges which way there are more columns', async () => {
  const app = createApp(DataTable, { columns: [{ title: 'Name' }], rows: [[{ text: 'Ana' }]], caption: 'Cashiers', empty: '' })
  app.mount(document.body.appendChild(document.createElement('div')))
  const box = document.querySelector('.table') as HTMLElement
  vi.spyOn(box, 'scrollWidth', 'get').mockReturnValue(500)
  vi.spyOn(box, 'clientWidth', 'get').mockReturnValue(340)
  const seen: string[] = []

  for (const left of [0, 80, 160]) {
    box.scrollLeft = left
    box.dispatchEvent(new Event('scroll'))
    await nextTick()
    seen.push(box.parentElement?.className ?? '')
  }
  app.unmount()

  expect(seen).toEqual(['beyond right', 'beyond left right', 'beyond left'])
})
