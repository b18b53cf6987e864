import type { Node } from './declarations.js'

/** Types that a reader knows by another word than their name. */
const KNOWN: Readonly<Record<string, string>> = {
  Readonly: 'object',
  Record: 'object',
  ReadonlySet: 'set',
  Uint8Array: 'bytes',
  Clock: 'function',
  Promise: 'promise',
}

const KEYWORDS: Readonly<Record<string, string>> = {
  TSStringKeyword: 'string',
  TSNumberKeyword: 'number',
  TSBooleanKeyword: 'boolean',
  TSFunctionType: 'function',
  TSTypeLiteral: 'object',
  TSTypeQuery: 'function',
  TSUnknownKeyword: 'anything',
  TSNullKeyword: '`null`',
  TSVoidKeyword: 'nothing',
}

const PLURALS: Readonly<Record<string, string>> = { string: 'strings', number: 'numbers' }

/** A type in as few words as a column of a table has room for: `string or strings`, `'a' or 'b'`. */
export function shortType(type: Node, aliases: ReadonlyMap<string, Node>): string {
  return [...new Set(partsOf(type, aliases))].join(' or ')
}

function partsOf(type: Node, aliases: ReadonlyMap<string, Node>): readonly string[] {
  switch (type.type) {
    case 'TSUnionType':
      return (type.types ?? []).flatMap((part) => partsOf(part, aliases))
    case 'TSIntersectionType':
      return partsOf(type.types?.[0] ?? type, aliases)
    case 'TSUndefinedKeyword':
      return []
    case 'TSLiteralType':
      return [literal(type.literal?.value)]
    case 'TSParenthesizedType':
    case 'TSTypeOperator':
      return type.typeAnnotation ? partsOf(type.typeAnnotation, aliases) : []
    case 'TSArrayType': {
      const of = type.elementType ? shortType(type.elementType, aliases) : ''
      return [PLURALS[of] ?? (of.includes(' ') ? 'list' : `list of ${of}`)]
    }
    case 'TSIndexedAccessType':
      return wordsOf(type.objectType?.exprName?.name ?? inner(type.objectType), aliases)
    case 'TSTypeReference': {
      const name = type.typeName?.name ?? ''
      const words = wordsOf(name, aliases)
      return words.length > 0 ? words : [KNOWN[name] ?? `\`${name}\``]
    }
    default:
      return [KEYWORDS[type.type] ?? type.type]
  }
}

/** `(typeof NAMES)[number]`: the name stands in parentheses. */
function inner(type: Node | undefined): string {
  return type?.typeAnnotation?.exprName?.name ?? ''
}

/** The words of an alias or array that holds nothing but words. */
function wordsOf(name: string, aliases: ReadonlyMap<string, Node>): readonly string[] {
  const alias = aliases.get(name)
  const nodes = alias?.elements ?? alias?.types?.map((part) => part.literal) ?? []
  const values = nodes.map((node) => node?.value)
  return values.every((value) => typeof value === 'string') ? values.map(literal) : []
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `\`'${value}'\`` : `\`${String(value)}\``
}
