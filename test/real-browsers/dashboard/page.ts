/** One line of a panel: its name, and its values by seconds. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [seconds: number, value: number])[]
}

export interface DrawnPanel {
  readonly title: string
  readonly unit: string
  /** In the 24 columns of the dashboard. */
  readonly width: number
  readonly isStat: boolean
  readonly lines: readonly Line[]
}

const COLOURS = [
  '#7eb26d',
  '#e24d42',
  '#eab839',
  '#6ed0e0',
  '#ba43a9',
  '#ef843c',
  '#1f78c1',
  '#aaa',
]
const SIZE = { width: 400, height: 110 }

/** The dashboard, as its JSON lays it out: every panel with what its queries answer. */
export function dashboardPage(title: string, panels: readonly DrawnPanel[]): string {
  const times = panels.flatMap(({ lines }) => lines.flatMap(timesOf))
  const time = { from: Math.min(...times), to: Math.max(...times) }
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 12px; background: #111217; color: #ccccdc; font: 12px sans-serif }
main { display: grid; grid-template-columns: repeat(24, 1fr); gap: 8px }
section { background: #181b1f; border: 1px solid #2c3235; border-radius: 3px; padding: 8px; min-width: 0 }
h1 { font-size: 15px; margin: 0 0 10px } h2 { font-size: 12px; margin: 0 0 6px }
svg { width: 100%; height: 110px } i { display: inline-block; width: 10px; height: 3px; margin: 0 4px 3px 10px }
p { margin: 4px 0 0; line-height: 1.5 } b { font-size: 16px } .fine { color: #73bf69 } .bad { color: #f2495c }
</style><h1>${escaped(title)}</h1><main>${panels.map((panel) => panelOf(panel, time)).join('')}</main>`
}

/** Of all panels, so that they can be read side by side. */
interface Time {
  readonly from: number
  readonly to: number
}

const timesOf = ({ points }: Line): readonly number[] => points.map(([at]) => at)

function panelOf({ title, unit, width, isStat, lines }: DrawnPanel, time: Time): string {
  const body = isStat ? lines.map(stat).join('') : chart(lines, unit, time)
  return `<section style="grid-column: span ${width}"><h2>${escaped(title)}</h2>${body}</section>`
}

function stat({ name, points }: Line): string {
  const isFine = points.at(-1)?.[1] === 1
  return `<p><b class="${isFine ? 'fine' : 'bad'}">${isFine ? 'yes' : 'no'}</b> ${escaped(name)}</p>`
}

function chart(lines: readonly Line[], unit: string, { from, to }: Time): string {
  const points = lines.flatMap((line) => line.points)
  const most = Math.max(...points.map(([, value]) => value), Number.MIN_VALUE)
  const place = ([at, value]: readonly [number, number]): string =>
    [
      ((at - from) / Math.max(1, to - from)) * SIZE.width,
      (1 - value / most) * (SIZE.height - 14) + 12,
    ]
      .map((coordinate) => coordinate.toFixed(1))
      .join(',')
  const drawn = lines.map(
    ({ points: own }, index) =>
      `<polyline fill="none" stroke="${colour(index)}" stroke-width="1.5" vector-effect="non-scaling-stroke" points="${own.map(place).join(' ')}"/>`,
  )
  const names = lines.map(
    ({ name }, index) => `<i style="background: ${colour(index)}"></i>${escaped(name)}`,
  )
  const box = `0 0 ${SIZE.width} ${SIZE.height}`
  return `<svg viewBox="${box}" preserveAspectRatio="none">${drawn.join('')}</svg><p>up to ${shown(most, unit)}${names.join('')}</p>`
}

const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? ''

function shown(value: number, unit: string): string {
  if (unit === 's')
    return value < 1 ? `${(value * 1000).toPrecision(3)} ms` : `${Math.round(value)} s`
  if (unit === 'percentunit') return `${Math.round(value * 100)} %`
  return `${Number(value.toPrecision(3))}${unit === 'reqps' ? ' a second' : ''}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
