import type { ChartOption } from './engine'
import type { Look } from './look'

/** What all charts share: quiet axes, a tooltip that stays inside, a legend below. */
export function frame(look: Look, labels: string[], format: (value: number) => string): ChartOption {
  const text = { color: look.dim, fontFamily: look.font, fontSize: 12 }
  return {
    animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 250,
    grid: { left: 8, right: 12, top: 16, bottom: 34, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    legend: { bottom: 0, itemWidth: 14, itemHeight: 9, itemGap: look.isNarrow ? 8 : 14, textStyle: { ...text, color: look.ink } },
    tooltip: {
      trigger: 'axis', confine: true, backgroundColor: look.surface, borderColor: look.line,
      textStyle: { color: look.ink, fontFamily: look.font, fontSize: 13 },
      valueFormatter: (value) => (typeof value === 'number' ? format(value) : '–'),
    },
    xAxis: {
      type: 'category', data: labels, axisLabel: { ...text, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: look.line } },
    },
    yAxis: {
      type: 'value', splitNumber: 4, axisLabel: { ...text, formatter: format }, splitLine: { lineStyle: { color: look.line } },
    },
  }
}

/** The same lying on its side, for names: the first at the top, cut when they are long. */
export function lying(look: Look, names: string[], format: (value: number) => string): ChartOption {
  const { xAxis, yAxis, ...rest } = frame(look, names, format)
  const label = { color: look.ink, fontFamily: look.font, fontSize: 12, width: look.isNarrow ? 96 : 170, overflow: 'truncate' as const }
  return {
    ...rest,
    tooltip: { ...(rest.tooltip as object), axisPointer: { type: 'shadow' } },
    xAxis: { ...(yAxis as object), type: 'value', splitNumber: look.isNarrow ? 2 : 4 },
    yAxis: { ...(xAxis as object), type: 'category', inverse: true, data: names, axisLabel: label },
  }
}
