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
  readonly parameters?: readonly { readonly name?: string }[]
  readonly leadingComments?: readonly { readonly type: string; readonly value: string }[]
}

export interface Member {
  readonly name: string
  readonly optional: boolean
  /** Undefined for a method. */
  readonly type: Node | undefined
  /** Names of a method's parameters. */
  readonly parameters: readonly string[]
  /** The first paragraph of the docstring, in one line. */
  readonly meaning: string
  readonly byDefault: string | undefined
}

export interface Declarations {
  readonly interfaces: ReadonlyMap<string, readonly Member[]>
  /** Type aliases by name, and the arrays that `(typeof NAMES)[number]` speaks of. */
  readonly aliases: ReadonlyMap<string, Node>
}

const PARSER: ParserOptions = { sourceType: 'module', plugins: ['typescript'] }

/** What all files below a folder declare. */
export function declarationsOf(folder: string): Declarations {
  const interfaces = new Map<string, readonly Member[]>()
  const aliases = new Map<string, Node>()
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const path of paths.filter((name) => name.endsWith('.ts'))) {
    const source = readFileSync(join(folder, path), 'utf8')
    for (const node of parse(source, PARSER).program.body as unknown as readonly Node[]) {
      const declared = node.declaration ?? node
      const name = declared.id?.name ?? ''
      if (declared.type === 'TSInterfaceDeclaration') {
        const members = listOf(declared.body).map(memberOf)
        if (node !== declared) interfaces.set(name, members)
      }
      if (declared.type === 'TSTypeAliasDeclaration' && declared.typeAnnotation) {
        aliases.set(name, declared.typeAnnotation)
      }
      for (const { id, init } of declared.declarations ?? []) {
        if (init?.type === 'TSAsExpression' && init.expression) {
          aliases.set(id?.name ?? '', init.expression)
        }
      }
    }
  }
  for (const [name, { types = [] }] of aliases) {
    // `XFields & OneKeySource`: the fields are told, whichever of them exclude each other.
    const fields = interfaces.get(types[0]?.typeName?.name ?? '')
    if (fields !== undefined && types.length > 1)
      interfaces.set(name, interfaces.get(name) ?? fields)
  }
  return { interfaces, aliases }
}

function listOf(body: Node['body']): readonly Node[] {
  const inner = body !== undefined && 'type' in body ? body.body : body
  return Array.isArray(inner) ? (inner as readonly Node[]) : []
}

function memberOf(node: Node): Member {
  const isProperty = node.type === 'TSPropertySignature'
  return {
    name: node.key?.name ?? '',
    optional: node.optional === true,
    type: isProperty ? node.typeAnnotation?.typeAnnotation : undefined,
    parameters: (node.parameters ?? []).map(({ name }) => name ?? '{ … }'),
    ...docstring(node),
  }
}

function docstring(node: Node): Pick<Member, 'meaning' | 'byDefault'> {
  const comment = node.leadingComments?.findLast(
    ({ type, value }) => type === 'CommentBlock' && value.startsWith('*'),
  )
  const lines = (comment?.value ?? '')
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
  const [prose = '', ...tags] = lines.join('\n').split(/(?<!\S)@(?=[a-z]+ )/)
  const byDefault = tags.find((tag) => tag.startsWith('default '))?.slice('default '.length)
  const [paragraph = ''] = prose.trim().split('\n\n')
  return { meaning: oneLine(paragraph), byDefault: byDefault && oneLine(byDefault) }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
