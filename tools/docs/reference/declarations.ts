// Reads the interfaces of lib/ with their docstrings. The parser of Babel is enough: a table shows a
// type as it is written, which reads better than one that a compiler has resolved.
import { parse, type ParserOptions } from '@babel/parser'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is read of a node of Babel's tree. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly id?: { readonly name: string }
  readonly key?: { readonly name: string }
  readonly body?: Node | readonly Node[]
  readonly optional?: boolean
  readonly declaration?: Node | null
  readonly declarations?: readonly Node[]
  readonly init?: Node | null
  readonly expression?: Node
  readonly elements?: readonly Node[]
  readonly value?: unknown
  readonly literal?: Node
  readonly types?: readonly Node[]
  readonly elementType?: Node
  readonly objectType?: Node
  readonly exprName?: { readonly name?: string }
  readonly typeName?: { readonly name?: string }
  readonly typeAnnotation?: Node
  readonly typeParameters?: Node
  readonly returnType?: Node
  readonly parameters?: readonly Parameter[]
  readonly members?: readonly Node[]
  readonly kind?: string
  readonly override?: boolean
  readonly static?: boolean
  readonly leadingComments?: readonly { readonly type: string; readonly value: string }[]
}

export interface Parameter {
  readonly name?: string
  readonly optional?: boolean
  readonly typeAnnotation?: Node
}

export interface Member {
  readonly name: string
  readonly optional: boolean
  /** Undefined for a method. */
  readonly type: Node | undefined
  readonly parameters: readonly Parameter[]
  /** The first paragraph of the docstring, in one line. */
  readonly meaning: string
  readonly byDefault: string | undefined
}

/** An exported function, as it is declared and described. */
export interface Described {
  /** One for each way to call it. */
  readonly signatures: readonly string[]
  /** Paragraphs and tables of its docstring. */
  readonly prose: string
  readonly params: readonly string[]
  readonly returns: readonly string[]
  readonly throws: readonly string[]
  readonly see: readonly string[]
}

export interface Declarations {
  /** Exported interfaces and classes. */
  readonly interfaces: ReadonlyMap<string, readonly Member[]>
  /** Names that several of them have: no table can say which is meant. */
  readonly ambiguous: ReadonlySet<string>
  /** Exported functions. */
  readonly functions: ReadonlyMap<string, Described>
  /** Type aliases by name, and the arrays that `(typeof NAMES)[number]` speaks of. */
  readonly aliases: ReadonlyMap<string, Node>
}

const HOLDERS = new Set(['TSInterfaceDeclaration', 'ClassDeclaration'])
const FUNCTIONS = new Set(['FunctionDeclaration', 'TSDeclareFunction'])
const MEMBERS = new Set([
  'TSPropertySignature',
  'TSMethodSignature',
  'ClassProperty',
  'ClassMethod',
])

const PARSER: ParserOptions = { sourceType: 'module', plugins: ['typescript'] }

/** What all files below a folder declare. */
export function declarationsOf(folder: string): Declarations {
  const interfaces = new Map<string, readonly Member[]>()
  const ambiguous = new Set<string>()
  const functions = new Map<string, Described>()
  const aliases = new Map<string, Node>()
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const path of paths.filter((name) => name.endsWith('.ts'))) {
    const source = readFileSync(join(folder, path), 'utf8')
    for (const node of parse(source, PARSER).program.body as unknown as readonly Node[]) {
      const declared = node.declaration ?? node
      const name = declared.id?.name ?? ''
      const isExported = node !== declared
      if (isExported && HOLDERS.has(declared.type)) {
        if (interfaces.has(name)) ambiguous.add(name)
        interfaces.set(name, membersOf(declared))
      } else if (isExported && FUNCTIONS.has(declared.type)) {
        functions.set(name, withWay(functions.get(name), node, source))
      } else if (declared.type === 'TSTypeAliasDeclaration' && declared.typeAnnotation) {
        aliases.set(name, declared.typeAnnotation)
      }
      for (const { id, init } of declared.declarations ?? []) {
        if (init?.type === 'TSAsExpression' && init.expression) {
          aliases.set(id?.name ?? '', init.expression)
        }
      }
    }
  }
  for (const [name, { type, types = [] }] of aliases) {
    // `XFields & OneKeySource`: the fields are told, whichever of them exclude each other.
    const fields = interfaces.get(types[0]?.typeName?.name ?? '')
    if (fields !== undefined && type === 'TSIntersectionType')
      interfaces.set(name, interfaces.get(name) ?? fields)
  }
  return { interfaces, ambiguous, functions, aliases }
}

function membersOf(declared: Node): readonly Member[] {
  return listOf(declared.body)
    .filter(({ type, kind }) => MEMBERS.has(type) && kind !== 'constructor')
    .filter((node) => node.static !== true && node.override !== true)
    .map(memberOf)
}

function listOf(body: Node['body']): readonly Node[] {
  const inner = body !== undefined && 'type' in body ? body.body : body
  return Array.isArray(inner) ? (inner as readonly Node[]) : []
}

function memberOf(node: Node): Member {
  const type = node.kind === 'get' ? node.returnType : node.typeAnnotation
  const property = type?.typeAnnotation
  const isFunction = property?.type === 'TSFunctionType'
  const method = node.type === 'TSMethodSignature' ? node : isFunction ? property : undefined
  const { prose, tags } = docstring(node)
  const byDefault = tags.find((tag) => tag.startsWith('default '))?.slice('default '.length)
  const [paragraph = ''] = prose.split('\n\n')
  return {
    name: node.key?.name ?? '',
    optional: node.optional === true,
    type: method ? undefined : property,
    parameters: method?.parameters ?? [],
    meaning: oneLine(paragraph),
    byDefault: byDefault && oneLine(byDefault),
  }
}

/** One more way to call a function. The body of one with several is a way to nobody outside. */
function withWay(known: Described | undefined, node: Node, source: string): Described {
  const declared = node.declaration ?? node
  const body = declared.body
  const isBody = body !== undefined && 'type' in body
  if (known !== undefined && isBody) return known
  const end = isBody ? body.start : declared.end
  const text = oneLine(source.slice(declared.start, end)).replace(/^(?:async )?function /, '')
  const signature = text.replaceAll('( ', '(').replaceAll(/,? \)/g, ')').replace(/;$/, '')
  const { prose, tags } = docstring(node)
  const tagged = (name: string): string[] =>
    tags.filter((tag) => tag.startsWith(`${name} `)).map((tag) => oneLine(tag.slice(name.length)))
  return known === undefined
    ? {
        signatures: [signature],
        prose,
        params: tagged('param'),
        returns: tagged('returns'),
        throws: tagged('throws'),
        see: tagged('see'),
      }
    : { ...known, signatures: [...known.signatures, signature] }
}

function docstring(node: Node): { readonly prose: string; readonly tags: readonly string[] } {
  const comment = node.leadingComments?.findLast(
    ({ type, value }) => type === 'CommentBlock' && value.startsWith('*'),
  )
  const lines = (comment?.value ?? '')
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
  const [prose = '', ...tags] = lines.join('\n').split(/(?<!\S)@(?=[a-zA-Z]+\s)/)
  return { prose: prose.trim(), tags }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
