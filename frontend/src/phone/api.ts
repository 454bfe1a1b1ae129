import { at, query, request } from '@/shared/api'
import type * as T from './types'

const stocktakesIn = async (state: T.StocktakeState) =>
  (await request<{ stocktakes: T.Stocktake[] }>('GET', `/api/stocktakes?${query({ state })}`)).stocktakes
/** Where somebody can still count: open sessions, and closed ones of which something has to be counted again. */
export async function stocktakes(): Promise<T.Stocktake[]> {
  const [open, counted] = await Promise.all([stocktakesIn('open'), stocktakesIn('counted')])
  return [...counted.filter(({ recounts }) => recounts > 0), ...open]
}
export const sheet = (id: number) => request<T.Sheet>('GET', `/api/stocktakes/${at(id)}`)
export const openStocktake = (body: T.NewStocktake) => request<T.Stocktake>('POST', '/api/stocktakes', body)
export const closeStocktake = (id: number) => request<T.Sheet>('POST', `/api/stocktakes/${at(id)}/close`, {})
export const proposals = async () =>
  (await request<{ proposals: T.Proposal[] }>('GET', '/api/stocktakes/proposals')).proposals
export const areas = () => request<T.Areas>('GET', '/api/stocktakes/areas')
export const count = (id: number, body: T.CountRequest) =>
  request<T.CountAnswer>('POST', `/api/stocktakes/${at(id)}/counts`, { ...body, sent_at: new Date().toISOString() })

export const orders = async (state: T.OrderState) =>
  (await request<{ orders: T.OrderHead[] }>('GET', `/api/orders?${query({ state })}`)).orders
export const order = (id: number) => request<T.Order>('GET', `/api/orders/${at(id)}`)
export const receive = (id: number, body: T.ReceiptRequest) =>
  request<unknown>('POST', `/api/orders/${at(id)}/receipts`, body)
export const changeLine = (id: number, line: number, quantity: number) =>
  request<unknown>('PUT', `/api/orders/${at(id)}/lines/${at(line)}`, { quantity })
/** Approves or places the lines as the phone shows them, and no others. */
const proceed = (step: 'approve' | 'place') => ({ id, lines }: T.Order) =>
  request<unknown>('POST', `/api/orders/${at(id)}/${step}`, {
    lines: lines.map(({ product_id, quantity, unit_cost }) => ({ product_id, quantity, unit_cost })),
  })
export const approve = proceed('approve')
export const place = proceed('place')

export const stock = (product: number) => request<T.ProductStock>('GET', `/api/products/${at(product)}/stock`)

export const shelfChecks = () => request<T.ShelfChecks>('GET', '/api/shelf-checks')
export const answerShelfCheck = (id: number, answer: T.ShelfAnswer) =>
  request<unknown>('POST', `/api/shelf-checks/${at(id)}/answer`, { answer })
