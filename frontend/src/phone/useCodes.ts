import { onBeforeUnmount, onMounted } from 'vue'

export interface CodeTaker {
  /** A code read by the scanner, the camera or typed. */
  take: (code: string) => void
  /** Where typing on a keyboard belongs. */
  field?: () => HTMLInputElement | null
}

const takers: CodeTaker[] = []

/** What is in front takes the codes: the page opened last, or the sheet above it. */
export function useCodes(taker: CodeTaker): void {
  onMounted(() => takers.push(taker))
  onBeforeUnmount(() => { takers.splice(takers.indexOf(taker), 1) })
}

export const codeTaker = () => takers.at(-1)
