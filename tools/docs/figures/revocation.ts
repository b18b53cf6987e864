/** What may be revoked, from the widest: each holds all that stands in it. */
interface Extent {
  readonly name: string
  readonly by: string
}

const EXTENTS: readonly Extent[] = [
  { name: 'everything', by: 'revokeAll()' },
  { name: 'an issuer', by: 'revokeAll({ issuer })' },
  { name: 'a user', by: 'revokeSubject, requireTokenVersion' },
  { name: 'a session', by: 'revokeSession' },
  { name: 'a token', by: 'revokeToken' },
]
/** Beside the user: its tokens are of many users. */
const CLIENT: Extent = { name: 'a client', by: 'revokeClient' }

const [WIDTH, INDENT, STEP, BOX, BOTTOM] = [760, 16, 40, 52, 12] as const
const CLIENT_WIDTH = 190
const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .by { font: 12px ui-monospace, monospace; fill: #57606a; text-anchor: end }
  rect { fill: #ffffff; stroke: #d0d7de } rect.odd { fill: #f6f8fa } rect.token { fill: #ffebe9; stroke: #ff8182 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .by { fill: #9198a1 }
    rect { fill: #0d1117; stroke: #3d444d } rect.odd { fill: #161b22 } rect.token { fill: #25171c; stroke: #da3633 }
  }`

/** The picture in docs/revocation.md: extents of a revocation, one in the other. */
export function revocationFigure(): string {
  const depth = EXTENTS.length - 1
  const height = depth * STEP + BOX + depth * BOTTOM
  const title = `What may be revoked, each with all that is in it: ${EXTENTS.map(({ name }) => name).join(', ')}; and a client, beside the user.`
  const boxes = EXTENTS.map((extent, index) => {
    // From the user on, the right side is the client's.
    const right = index * INDENT + (index >= 2 ? CLIENT_WIDTH + INDENT : 0)
    const place = { x: index * INDENT, y: index * STEP, right: WIDTH - right }
    return box(extent, { ...place, bottom: height - index * BOTTOM }, styleOf(index, depth))
  })
  const beside = { x: WIDTH - CLIENT_WIDTH - 2 * INDENT, right: WIDTH - 2 * INDENT }
  const client = box(CLIENT, { ...beside, y: 2 * STEP, bottom: height - 2 * BOTTOM }, '')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 ${WIDTH + 2} ${height + 2}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}
</style>
${[...boxes, client].join('\n')}
</svg>
`
}

function styleOf(index: number, depth: number): string {
  if (index === depth) return ' class="token"'
  return index % 2 === 1 ? ' class="odd"' : ''
}

interface Place {
  readonly x: number
  readonly y: number
  readonly right: number
  readonly bottom: number
}

function box({ name, by }: Extent, { x, y, right, bottom }: Place, style: string): string {
  return `<rect${style} x="${x}" y="${y}" width="${right - x}" height="${bottom - y}" rx="6"/>
<text x="${x + 12}" y="${y + 25}">${name}</text>
<text class="by" x="${right - 12}" y="${y + 25}">${by}</text>`
}
