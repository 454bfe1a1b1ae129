/** The page's own colours, for the canvas. */
export interface Look { ink: string; dim: string; line: string; surface: string; accent: string; second: string; warn: string; bad: string; font: string; isNarrow: boolean }

export function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: of('--ink'), dim: of('--dim'), line: of('--line'), surface: of('--surface'), accent: of('--accent'),
    second: of('--second'), warn: of('--warn'), bad: of('--bad'), font: style.fontFamily, isNarrow: element.clientWidth < 520,
  }
}
