/** One check of a request: its name, what mounts it, and how it refuses. */
interface Step {
  readonly name: string
  readonly by: string
  readonly refuses: string
}

const STEPS: readonly Step[] = [
  { name: 'credential', by: 'requireBearer', refuses: '401, 400' },
  { name: 'signature', by: 'requireBearer', refuses: '401, 503' },
  { name: 'claims', by: 'requireBearer', refuses: '401' },
  { name: 'denylist', by: 'jtiBlocklist', refuses: '401, 503' },
  { name: 'scope', by: 'requireScope', refuses: '403' },
]
const [WIDTH, HEIGHT, BOX, GAP, TOP] = [916, 124, 116, 28, 16] as const
const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1f2328; text-anchor: middle }
  .by { font: 12px ui-monospace, monospace; fill: #57606a }
  .no { font-size: 13px; fill: #a40e26 } .yes { fill: #116329 }
  rect { fill: #f6f8fa; stroke: #d0d7de } rect.end { fill: #dafbe1; stroke: #4ac26b }
  path { stroke: #57606a; fill: none } path.no { stroke: #a40e26 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .by { fill: #9198a1 } .no { fill: #ff7b72 } .yes { fill: #56d364 }
    rect { fill: #161b22; stroke: #3d444d } rect.end { fill: #12261e; stroke: #2ea043 }
    path { stroke: #9198a1 } path.no { stroke: #ff7b72 }
  }`

/** The picture at the top of the README: a request passes the checks one by one, or gets its answer. */
export function requestFigure(): string {
  const boxes = STEPS.map((step, index) => box(step, index)).join('\n')
  const end = xOf(STEPS.length)
  const title = `A request passes ${STEPS.map(({ name }) => name).join(', ')}, and then your handler; each check refuses with its own status.`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}
</style>
${boxes}
<rect class="end" x="${end}" y="${TOP}" width="${BOX}" height="44" rx="6"/>
<text class="yes" x="${end + BOX / 2}" y="${TOP + 19}">your handler</text>
<text class="by" x="${end + BOX / 2}" y="${TOP + 36}">authOf(req)</text>
</svg>
`
}

function xOf(index: number): number {
  return 24 + index * (BOX + GAP)
}

function box({ name, by, refuses }: Step, index: number): string {
  const x = xOf(index)
  const middle = x + BOX / 2
  return `<rect x="${x}" y="${TOP}" width="${BOX}" height="44" rx="6"/>
<text x="${middle}" y="${TOP + 19}">${name}</text>
<text class="by" x="${middle}" y="${TOP + 36}">${by}</text>
<path d="M${x + BOX} ${TOP + 22}h${GAP - 2}m-6-4l6 4-6 4"/>
<path class="no" d="M${middle} ${TOP + 44}v26m-4-6l4 6 4-6"/>
<text class="no" x="${middle}" y="${TOP + 90}">${refuses}</text>`
}
