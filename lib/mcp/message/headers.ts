import type { IncomingMessage } from 'node:http'
import { Fault } from './fault.js'
import { canonicalUri, type McpKind, type McpMessage } from './operations.js'

/**
 * What the headers say of the message (MCP 2026-07-28, Streamable HTTP). They refuse early and decide
 * nothing else: a request that names an older revision is served by its body, whatever they say.
 */
export interface NamedHeaders {
  readonly method: string | undefined
  readonly name: string | undefined
}

const KINDS: ReadonlyMap<string, McpKind> = new Map([
  ['tools/call', 'tool'],
  ['prompts/get', 'prompt'],
  ['resources/read', 'resource'],
])

export function namedHeaders({ headers }: IncomingMessage): NamedHeaders | Fault {
  const method = lineOf(headers['mcp-method'])
  const encoded = lineOf(headers['mcp-name'])
  const name = encoded === undefined ? undefined : decoded(encoded)
  if (encoded !== undefined && name === undefined) return mismatch('Mcp-Name is badly encoded')
  return { method, name }
}

/** The one target that the headers name. */
export function targetOf({
  method = '',
  name,
}: NamedHeaders): readonly [McpKind, string] | undefined {
  const kind = KINDS.get(method)
  if (kind === undefined || name === undefined) return undefined
  return [kind, kind === 'resource' ? canonicalUri(name) : name]
}

/** A proxy in front may have judged by the headers: they must be true for each message. */
export function judgeHeaders(
  headers: NamedHeaders,
  messages: readonly McpMessage[],
): Fault | undefined {
  const { method, name } = headers
  if (method !== undefined && messages.some((message) => message.method !== method)) {
    return mismatch('Mcp-Method is not the method of the body')
  }
  if (name === undefined) return undefined
  const isOther = messages.some(({ operations }) =>
    operations.some((asked) => !isNamed(asked, name)),
  )
  return isOther ? mismatch('Mcp-Name is not the name in the body') : undefined
}

function isNamed(asked: McpMessage['operations'][number], name: string): boolean {
  return asked.name === (asked.kind === 'resource' ? canonicalUri(name) : name)
}

function lineOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value.trim() : value?.join(', ')
}

/** `=?base64?...?=` holds what no header can carry as it is. */
function decoded(value: string): string | undefined {
  const text = /^=\?base64\?(.*)\?=$/s.exec(value)?.[1]
  if (text === undefined) return value
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes.toString() : undefined
}

function mismatch(detail: string): Fault {
  return new Fault({ kind: 'mismatch', detail })
}
