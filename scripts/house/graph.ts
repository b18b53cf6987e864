import { parseSync } from '@swc/core'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'

export interface SourceFile {
  /** Relative to `lib/`. */
  readonly path: string
  /** The folder it stands in; '' for an entry file. */
  readonly folder: string
  /** Relative to `lib/`. */
  readonly imports: readonly string[]
  readonly packages: readonly string[]
  readonly codeLines: number
  readonly longClosures: readonly LongClosure[]
}

export interface LongClosure {
  readonly name: string
  readonly lines: number
}

export const MAX_CLOSURE_LINES = 100

/** Every file of `lib/` that git tracks or would track, with its imports. */
export function readHouse(root: string): readonly SourceFile[] {
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', 'lib']
  const listed = execFileSync('git', git, { cwd: root, encoding: 'utf8' })
  const paths = listed.split('\n').filter((path) => path.endsWith('.ts'))
  return paths.map((path) => readSource(root, path))
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(posix.join(root, path), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  const within = posix.relative('lib', path)
  const folder = posix.dirname(within)
  return {
    path: within,
    folder: folder === '.' ? '' : folder,
    imports: specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.join(folder, specifier).replace(/\.js$/, '.ts')),
    packages: specifiers.filter((specifier) => !/^(?:\.|node:)/.test(specifier)),
    codeLines: text.split('\n').filter(isCode).length,
    longClosures: longClosures(text),
  }
}

function isCode(line: string): boolean {
  return !/^\s*(?:$|\/\/|\/\*|\*)/.test(line)
}

const FUNCTIONS: ReadonlySet<unknown> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
])

/** Spans count bytes, and go on from one parse to the next: only their differences can be used. */
function longClosures(text: string): readonly LongClosure[] {
  const tree = parseSync(text, { syntax: 'typescript' })
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
