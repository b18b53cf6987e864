import {
  fromJsonSchema,
  type ContentBlock,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'

/** Arguments that are strings and must be given. */
export function strings<T extends string>(
  ...names: readonly T[]
): StandardSchemaWithJSON<Record<T, string>> {
  return fromJsonSchema<Record<T, string>>({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: [...names],
  })
}

export const text = (said: string): ContentBlock & { readonly type: 'text' } => ({
  type: 'text',
  text: said,
})

/** Of a tool that says one thing. */
export const says = (said: string): { content: ContentBlock[] } => ({ content: [text(said)] })
