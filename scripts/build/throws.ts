import { parseAst } from 'rollup/parseAst'

/**
 * Puts each `throw` on a line of its own. Node prints that line above an error that ends a process, and
 * what else stood on it would be read first: the text of another error, as a rule.
 */
export function onOwnLines(code: string): string {
  const places = [...throwsIn(parseAst(code))].flatMap(({ start, end }) => [start, end])
  let lines = ''
  let from = 0
  for (const place of places.toSorted((a, b) => a - b)) {
    lines += `${code.slice(from, place)}\n`
    from = place
  }
  return lines + code.slice(from)
}

interface Place {
  readonly start: number
  readonly end: number
}

function* throwsIn(node: unknown): Generator<Place> {
  if (typeof node !== 'object' || node === null) return
  if (isThrow(node)) yield node
  for (const child of Object.values(node)) yield* throwsIn(child)
}

function isThrow(node: object): node is Place {
  return 'type' in node && node.type === 'ThrowStatement'
}
