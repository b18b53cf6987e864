import type { Declarations, Node, Parameter } from './declarations.js'

/** `token`, `{ issuer, subject, … }` or `options?`: a parameter as a caller writes it. */
export function parameterText(
  { name = '…', optional = false, typeAnnotation }: Parameter,
  { interfaces }: Pick<Declarations, 'interfaces'>,
): string {
  const type = typeAnnotation?.typeAnnotation
  const keys = type && keysOf(type, interfaces)
  const needed = keys?.filter((key) => !key.optional).map((key) => key.name) ?? []
  if (keys === undefined || needed.length === 0) return optional ? `${name}?` : name
  const more = keys.length > needed.length ? ['…'] : []
  return `{ ${[...needed, ...more].join(', ')} }`
}

interface Key {
  readonly name: string
  readonly optional: boolean
}

/** Undefined for a type that is not spelt out as an object in lib/. */
function keysOf(type: Node, interfaces: Declarations['interfaces']): readonly Key[] | undefined {
  switch (type.type) {
    case 'TSTypeLiteral':
      return (type.members ?? []).map(({ key, optional }) => ({
        name: key?.name ?? '',
        optional: optional === true,
      }))
    case 'TSIntersectionType': {
      const parts = (type.types ?? []).map((part) => keysOf(part, interfaces))
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined
    }
    case 'TSTypeReference': {
      const members = interfaces.get(type.typeName?.name ?? '')
      return members?.every((member) => member.type) ? members : undefined
    }
    default:
      return undefined
  }
}
