import { isRecord } from '../../core/values.js'
import { Fault } from './fault.js'

/** What a message works on. */
export type McpKind = 'tool' | 'resource' | 'prompt'

/** A use of a tool, a resource or a prompt, as a message asks for it. */
export interface McpOperation {
  readonly kind: McpKind
  /** Of the tool or the prompt; of a resource its URI, as `new URL(uri).href` spells it. */
  readonly name: string
  /** Of the message: `tools/call`, `prompts/get`, `resources/read`, `resources/subscribe`, ... */
  readonly method: string
  /** Names of the message, as they came. */
  readonly params: Readonly<Record<string, unknown>>
}

/** A message that is well formed. */
export interface McpMessage {
  /** Undefined for an answer of the client to a question of the server. */
  readonly method: string | undefined
  readonly operations: readonly McpOperation[]
}

/** Those that SDKs accept in one list. */
const MAX_MESSAGES = 100

/** Each message of a body, or what is wrong with the first that is none. */
export function messagesIn(body: unknown): readonly McpMessage[] | Fault {
  const list: readonly unknown[] = Array.isArray(body) ? body : [body]
  if (list.length === 0) return invalid('the list of messages is empty')
  if (list.length > MAX_MESSAGES) return invalid(`more than ${MAX_MESSAGES} messages in one list`)
  const messages: McpMessage[] = []
  for (const item of list) {
    const message = readMessage(item)
    if (message instanceof Fault) return message
    messages.push(message)
  }
  return messages
}

function readMessage(value: unknown): McpMessage | Fault {
  if (!isRecord(value) || isPoisoned(value) || own(value, 'jsonrpc') !== '2.0') {
    return invalid('not a JSON-RPC 2.0 message')
  }
  const method = own(value, 'method')
  if (method === undefined) {
    const isAnswer = Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error')
    return isAnswer ? { method, operations: [] } : invalid('the message has no method')
  }
  if (typeof method !== 'string') return invalid('the method is no string')
  const params = own(value, 'params') ?? {}
  const fault = new Fault({ kind: 'params', detail: 'what the message works on is no name' })
  if (!isRecord(params) || isPoisoned(params)) return fault
  const targets = targetsOf(method, params)
  if (targets === undefined) return fault
  const operations = targets.map(([kind, name]) => ({ kind, name, method, params }))
  return { method, operations }
}

/** Null where nothing could be answered to, as for a notification or a list (JSON-RPC 2.0 §5). */
export function idOf(message: unknown): string | number | null {
  const id = isRecord(message) ? own(message, 'id') : undefined
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

type Target = readonly [kind: McpKind, name: string]
type Params = Readonly<Record<string, unknown>>

/** Where each method names what it works on. Undefined where that is no name; one that is left out names nothing. */
const TARGETS: ReadonlyMap<string, (params: Params) => readonly Target[] | undefined> = new Map([
  ['tools/call', (params) => one('tool', own(params, 'name'))],
  ['prompts/get', (params) => one('prompt', own(params, 'name'))],
  ['resources/read', (params) => one('resource', own(params, 'uri'))],
  ['resources/subscribe', (params) => one('resource', own(params, 'uri'))],
  ['resources/unsubscribe', (params) => one('resource', own(params, 'uri'))],
  ['resources/directory/read', (params) => one('resource', own(params, 'uri'))],
  ['skills/get', (params) => one('resource', own(params, 'uri'))],
  ['completion/complete', completed],
  ['subscriptions/listen', listenedTo],
])

function targetsOf(method: string, params: Params): readonly Target[] | undefined {
  const find = TARGETS.get(method)
  return find === undefined ? [] : find(params)
}

function one(kind: McpKind, name: unknown): readonly Target[] | undefined {
  if (name === undefined) return []
  if (typeof name !== 'string') return undefined
  return [[kind, kind === 'resource' ? canonicalUri(name) : name]]
}

/** Suggestions for an argument tell what the prompt or resource would. */
function completed(params: Params): readonly Target[] | undefined {
  const ref = own(params, 'ref')
  if (ref === undefined) return []
  if (!isRecord(ref) || isPoisoned(ref)) return undefined
  const type = own(ref, 'type')
  if (type === 'ref/prompt') return one('prompt', own(ref, 'name'))
  return type === 'ref/resource' ? one('resource', own(ref, 'uri')) : undefined
}

function listenedTo(params: Params): readonly Target[] | undefined {
  const filter = own(params, 'notifications') ?? {}
  if (!isRecord(filter) || isPoisoned(filter)) return undefined
  const uris = own(filter, 'resourceSubscriptions') ?? []
  if (!Array.isArray(uris)) return undefined
  const targets = (uris as readonly unknown[]).map((uri) => one('resource', uri))
  return targets.includes(undefined) ? undefined : targets.flatMap((target) => target ?? [])
}

/** Servers look resources up by this spelling, so that `NOTES://A/../B` is a name of `notes://B`. */
export function canonicalUri(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).href : uri
}

/** In a copy of that object the members of the member are members of the object. */
function isPoisoned(value: unknown): boolean {
  return isRecord(value) && Object.hasOwn(value, '__proto__')
}

/** Never what a body inherits. */
function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function invalid(detail: string): Fault {
  return new Fault({ kind: 'invalid', detail })
}
