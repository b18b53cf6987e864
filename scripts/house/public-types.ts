import { parseSync } from '@swc/core'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

type Node = Readonly<Record<string, unknown>>

/** One declaration of a file of `lib/`, as `path#name`. */
type Place = string

interface Source {
  readonly declared: ReadonlyMap<string, readonly Node[]>
  /** Names of other files of `lib/`, by the name that they have here. */
  readonly imported: ReadonlyMap<string, Place>
  /** What an entry hands on. */
  readonly handedOn: ReadonlyMap<string, Place>
}

/**
 * What is wrong with the types of the entries: a public signature mentions a type that no entry exports,
 * or the main entry exports one that no signature mentions and no page of docs/ tells of.
 */
export function brokenTypes(root: string, docs: string): readonly string[] {
  const lib = posix.join(root, 'lib')
  const sources = new Map<string, Source>()
  const read = (path: string): Source => {
    const known = sources.get(path) ?? readSource(lib, path)
    sources.set(path, known)
    return known
  }
  const entries = readdirSync(lib).filter((name) => name.endsWith('.ts'))
  /** Where that which a file hands on is declared. */
  const declaredAt = (place: Place): Place => {
    const [path = '', name = ''] = place.split('#')
    const { declared, handedOn } = read(path)
    const next = handedOn.get(name)
    return next === undefined || next === place || declared.has(name) ? place : declaredAt(next)
  }
  const exported = new Map<Place, string>()
  const main = new Set<Place>()
  for (const entry of entries) {
    for (const [name, handed] of read(entry).handedOn) {
      const place = declaredAt(handed)
      exported.set(place, name)
      if (entry === 'index.ts') main.add(place)
    }
  }
  const broken = new Set<string>()
  const mentioned = new Set<Place>()
  for (const [place, name] of exported) {
    for (const used of mentionsOf(place, read).map(declaredAt)) {
      if (used !== place) mentioned.add(used)
      if (!exported.has(used)) broken.add(`${name} mentions ${used}, which no entry exports`)
    }
  }
  for (const place of main) {
    const name = exported.get(place) ?? ''
    const isType = declarationsAt(place, read).every(({ type }) => /^TsI|^TsT/.test(String(type)))
    if (isType && !mentioned.has(place) && !new RegExp(`\\b${name}\\b`).test(docs)) {
      broken.add(`${name} of lib/index.ts is mentioned by no signature, and by no page of docs/`)
    }
  }
  return [...broken].toSorted()
}

function declarationsAt(place: Place, read: (path: string) => Source): readonly Node[] {
  const [path = '', name = ''] = place.split('#')
  return read(path).declared.get(name) ?? []
}

/** Types of `lib/` that the signature of a declaration mentions. */
function mentionsOf(place: Place, read: (path: string) => Source): readonly Place[] {
  const [path = ''] = place.split('#')
  const { declared, imported } = read(path)
  const all = declarationsAt(place, read)
  const signatures = all.filter(({ body }) => body === null || body === undefined)
  const isOverloaded =
    all.length > 1 && signatures.length > 0 && all[0]?.['type'] !== 'TsInterfaceDeclaration'
  const names = new Set((isOverloaded ? signatures : all).flatMap(namesIn))
  return [...names].flatMap((name) => {
    if (declared.has(name)) return [`${path}#${name}`]
    return imported.get(name) ?? []
  })
}

function readSource(lib: string, path: string): Source {
  const { body } = parseSync(readFileSync(posix.join(lib, path), 'utf8'), { syntax: 'typescript' })
  const declared = new Map<string, Node[]>()
  const imported = new Map<string, Place>()
  const handedOn = new Map<string, Place>()
  const placeOf = (source: Node, name: string): Place | undefined => {
    const specifier = String(source['value'])
    if (!specifier.startsWith('.')) return undefined
    return `${posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')}#${name}`
  }
  for (const item of body as unknown as readonly Node[]) {
    const { type, source, declaration } = item
    if (type === 'ImportDeclaration' || (type === 'ExportNamedDeclaration' && isNode(source))) {
      const into = type === 'ImportDeclaration' ? imported : handedOn
      for (const specifier of listOf(item['specifiers'])) {
        const local = valueOf(specifier['local'] ?? specifier['exported'] ?? specifier['orig'])
        const original = valueOf(specifier['imported'] ?? specifier['orig'] ?? specifier['local'])
        const place = isNode(source) ? placeOf(source, original) : undefined
        if (place !== undefined) into.set(local, place)
      }
    }
    if (type === 'ExportNamedDeclaration' && !isNode(source)) {
      for (const { orig, exported } of listOf(item['specifiers'])) {
        const place = imported.get(valueOf(orig)) ?? `${path}#${valueOf(orig)}`
        handedOn.set(valueOf(exported ?? orig), place)
      }
    }
    const node = isNode(declaration) ? declaration : item
    for (const name of declaredNames(node)) {
      declared.set(name, [...(declared.get(name) ?? []), node])
      if (type === 'ExportDeclaration') handedOn.set(name, `${path}#${name}`)
    }
  }
  return { declared, imported, handedOn }
}

function declaredNames(node: Node): readonly string[] {
  if (node['type'] === 'VariableDeclaration') {
    return listOf(node['declarations']).map(({ id }) => valueOf(id))
  }
  const { identifier, id } = node
  const name = valueOf(identifier ?? id)
  return name === '' ? [] : [name]
}

/** Names of types in all of a node but code that runs, and but its own type parameters. */
function namesIn(node: Node): readonly string[] {
  const found: string[] = []
  const own = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (!isNode(value)) return
    const { type } = value
    if (/^Ts(?:TypeQuery|Private)|^Private|BlockStatement$/.test(String(type))) return
    if (value['accessibility'] === 'private') return
    if (type === 'TsTypeParameter') own.add(valueOf(value['name']))
    if (type === 'TsTypeReference') found.push(leftmost(value['typeName']))
    if (type === 'TsExpressionWithTypeArguments') found.push(valueOf(value['expression']))
    if (type === 'VariableDeclarator') return visit(value['id'])
    for (const [key, member] of Object.entries(value)) {
      if (key === 'superClass') found.push(valueOf(member))
      else if (key !== 'body' || !String(type).startsWith('Function')) {
        // What a property starts as is code.
        if (!(key === 'value' && type === 'ClassProperty')) visit(member)
      }
    }
  }
  visit(node)
  return found.filter((name) => name !== '' && !own.has(name))
}

function leftmost(name: unknown): string {
  if (!isNode(name)) return ''
  return name['type'] === 'TsQualifiedName' ? leftmost(name['left']) : valueOf(name)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function valueOf(node: unknown): string {
  const value = isNode(node) ? node['value'] : undefined
  return typeof value === 'string' ? value : ''
}
