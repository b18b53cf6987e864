import type { Module } from '@swc/core'
import { isCode } from './code-lines.js'

export interface LongClosure {
  readonly name: string
  readonly lines: number
}

export const MAX_CLOSURE_LINES = 100

const FUNCTIONS: ReadonlySet<unknown> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
])

/** Spans count bytes, and go on from one parse to the next: only their differences can be used. */
export function longClosures(text: string, tree: Module): readonly LongClosure[] {
  const bytes = Buffer.from(text)
  const first = tree.span.start - leadingBytes(text)
  const found: LongClosure[] = []
  visit(tree, (node) => {
    if (!FUNCTIONS.has(node['type']) || !isSpan(node['span'])) return
    const { start, end } = node['span']
    const lines = bytes
      .subarray(start - first, end - first)
      .toString()
      .split('\n')
      .filter(isCode)
    if (lines.length > MAX_CLOSURE_LINES) {
      found.push({ name: /\w+(?= ?[(=<])/.exec(lines[0] ?? '')?.[0] ?? '', lines: lines.length })
    }
  })
  return found
}

/** A module's span begins at its first token, behind comments. */
function leadingBytes(text: string): number {
  const leading = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0] ?? ''
  return Buffer.byteLength(leading)
}

function visit(node: unknown, each: (node: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, each)
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return
  const record = node as Readonly<Record<string, unknown>>
  each(record)
  for (const value of Object.values(record)) visit(value, each)
}

function isSpan(value: unknown): value is { readonly start: number; readonly end: number } {
  return typeof value === 'object' && value !== null && 'start' in value && 'end' in value
}
