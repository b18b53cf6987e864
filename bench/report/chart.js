const WIDTH = 820
const ROW = 26
const TOP = 64
const BOTTOM = 34
const LABELS = 260
const VALUES = 60
const BARS = WIDTH - LABELS - VALUES

/** Readable on white and on black: the ground is transparent and the text follows the reader's scheme. */
const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .ours-text { font-weight: 600 }
  .note { fill: #57606a }
  .base { stroke: #57606a; stroke-dasharray: 3 3 }
  .floor { fill: #8c959f } .ours { fill: #1a7f37 } .peer { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note { fill: #9198a1 } .base { stroke: #9198a1 }
    .floor { fill: #6e7681 } .ours { fill: #3fb950 } .peer { fill: #f0883e }
  }`

/** CPU time per request as bars, cheapest first, with a line where bare Express ends. */
export function chart({ name, rows }, node) {
  const sorted = rows.toSorted((a, b) => a.cpuMicros.median - b.cpuMicros.median)
  const longest = sorted.at(-1).cpuMicros.median
  const length = (micros) => Math.max(1, Math.round((micros / longest) * BARS))
  const base = rows.find(({ id }) => id === 'express').cpuMicros.median
  const height = TOP + sorted.length * ROW + BOTTOM
  const baseX = LABELS + length(base)
  const title = 'CPU time per request, in microseconds; shorter is better'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>${STYLE}
</style>
<text class="title" x="0" y="18">${title}</text>
<text class="note" x="0" y="38">${escape(name)}; Node ${node}; medians of interleaved blocks in one process</text>
<line class="base" x1="${baseX}" x2="${baseX}" y1="${TOP - 8}" y2="${height - BOTTOM + 4}"/>
${sorted.map((row, index) => bar(row, TOP + index * ROW, length(row.cpuMicros.median))).join('\n')}
<text class="note" x="${baseX + 6}" y="${height - 12}">bare Express</text>
</svg>
`
}

function bar({ title, kind, cpuMicros }, y, length) {
  const weight = kind === 'ours' ? ' class="ours-text"' : ''
  return `<text${weight} x="${LABELS - 10}" y="${y + 14}" text-anchor="end">${escape(title)}</text>
<rect class="${kind}" x="${LABELS}" y="${y + 2}" width="${length}" height="16" rx="2"/>
<text x="${LABELS + length + 6}" y="${y + 14}">${cpuMicros.median.toFixed(0)}</text>`
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
