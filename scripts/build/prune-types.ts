import { parse, type ParserOptions } from '@babel/parser'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const PARSER: ParserOptions = { sourceType: 'module', plugins: [['typescript', { dts: true }]] }

const COMMENT = /\/\*[^]*?\*\//g
const WORD = /[\w$]+/g

/** A type that `tsc` found out by itself: `import('./other.js').Name`. */
const IMPORT_TYPE = /import\(["']([^"']+)["']\)\.(\w+)/g

/** What is read of a node of Babel's tree. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly id?: { readonly name: string }
  readonly declaration?: Node | null
  readonly declarations?: readonly Node[]
  readonly source?: { readonly value: string } | null
  readonly specifiers?: readonly Specifier[]
  readonly leadingComments?: readonly Node[]
}

interface Specifier {
  readonly local: { readonly name: string }
  readonly imported?: { readonly name: string }
  readonly exported?: { readonly name: string }
}

interface Name {
  readonly file: string
  readonly name: string
}

/** A declaration with its docstring, or one name that is imported or passed on. */
interface Part {
  readonly names: readonly string[]
  readonly speaksOf: readonly Name[]
  readonly text: string
}

/**
 * Takes out of the declarations in `folder` whatever no entry's types speak of: it is a third of them,
 * and nobody can import it.
 */
export function pruneTypes(folder: string, entries: readonly string[]): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const parts = new Map(
    files.filter((file) => file.endsWith('.d.ts')).map((file) => [file, partsOf(folder, file)]),
  )
  const reached = new Set<Part>()
  function reach({ file, name }: Name): void {
    for (const part of parts.get(file) ?? []) {
      if (reached.has(part) || !part.names.includes(name)) continue
      reached.add(part)
      part.speaksOf.forEach(reach)
    }
  }
  for (const entry of entries) {
    const file = `${entry}.d.ts`
    for (const { names } of parts.get(file) ?? []) names.forEach((name) => reach({ file, name }))
  }
  for (const [file, all] of parts) {
    if (entries.includes(file.slice(0, -'.d.ts'.length))) continue
    const kept = all.filter((part) => reached.has(part)).map(({ text }) => text)
    const path = join(folder, file)
    if (kept.length === 0) rmSync(path)
    else writeFileSync(path, `${kept.join('\n')}\n`)
  }
}

function partsOf(folder: string, file: string): readonly Part[] {
  const text = readFileSync(join(folder, file), 'utf8')
  const statements = parse(text, PARSER).program.body as unknown as readonly Node[]
  return statements.flatMap((statement) => {
    const { source, specifiers } = statement
    return specifiers === undefined || (specifiers.length === 0 && !source)
      ? [declarationOf(statement, text, file)]
      : specifiers.map((specifier) => linkOf(specifier, source?.value, file))
  })
}

function linkOf(
  { local, imported, exported }: Specifier,
  source: string | undefined,
  file: string,
): Part {
  const [from, to] = exported ? [local, exported] : [imported ?? local, local]
  const named = from.name === to.name ? from.name : `${from.name} as ${to.name}`
  return {
    names: [to.name],
    speaksOf: [{ file: source === undefined ? file : locate(source, file), name: from.name }],
    text: `${exported ? 'export' : 'import type'} { ${named} }${source === undefined ? '' : ` from '${source}'`};`,
  }
}

function declarationOf(statement: Node, text: string, file: string): Part {
  const { id, declarations = [] } = statement.declaration ?? statement
  const start = statement.leadingComments?.[0]?.start ?? statement.start
  const shown = text.slice(start, statement.end)
  const code = shown.replaceAll(COMMENT, '')
  return {
    names: [id, ...declarations.map((one) => one.id)].flatMap((named) => named?.name ?? []),
    // Each word may be a name; one that is none, or stands for something else, only keeps more.
    speaksOf: [
      ...(code.match(WORD) ?? []).map((name) => ({ file, name })),
      ...[...code.matchAll(IMPORT_TYPE)].map(([, source = '', name = '']) => ({
        file: locate(source, file),
        name,
      })),
    ],
    text: shown,
  }
}

function locate(source: string, file: string): string {
  return source.startsWith('.') ? join(dirname(file), source.replace(/\.js$/, '.d.ts')) : source
}
