import type { IncomingMessage } from 'node:http'
import type { Auth } from '../core/auth/auth.js'
import { systemTimer } from '../core/clock.js'
import { hasAll } from '../core/auth/scope.js'
import { AuthError } from '../core/verdicts/errors.js'
import { Fault } from './message/fault.js'
import { judgeHeaders, namedHeaders, targetOf } from './message/headers.js'
import { idOf, messagesIn, type McpMessage } from './message/operations.js'
import { postedValues } from './message/posted.js'
import type { CompiledRules } from './scope-rules.js'

/** What was wrong, and the id of the one message it was wrong with. */
export interface FaultyMessage {
  readonly fault: Fault
  readonly id: string | number | null
}

/** These have no body, as a rule. */
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

/**
 * May this caller do what the request asks for? By the parsed body, each message of a list, before any
 * of them is served.
 *
 * @returns undefined where it may.
 */
export async function judgeOperations(
  req: IncomingMessage,
  auth: Auth,
  rules: CompiledRules,
): Promise<AuthError | FaultyMessage | undefined> {
  const headers = namedHeaders(req)
  if (headers instanceof Fault) return { fault: headers, id: null }
  const target = targetOf(headers)
  const early = target === undefined ? rules.always : rules.neededBy(...target)
  const refused = judgeScopes(auth, early)
  if (refused !== undefined || !mayHaveBody(req)) return refused

  const posted = await postedValues(req, systemTimer)
  if (posted instanceof Fault) return { fault: posted, id: null }
  const messages: McpMessage[] = []
  for (const body of posted) {
    const found = messagesIn(body)
    if (found instanceof Fault) return { fault: found, id: idOf(body) }
    messages.push(...found)
  }
  const lacking = judgeScopes(auth, rules.needed(messages.flatMap(({ operations }) => operations)))
  if (lacking !== undefined) return lacking
  const fault = judgeHeaders(headers, messages)
  return fault === undefined ? undefined : { fault, id: idOf(posted[0]) }
}

/** Parsers read any body that comes, and a handler that takes all methods would serve it. */
function mayHaveBody({ method = '', headers }: IncomingMessage): boolean {
  if (!BODILESS.has(method)) return true
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

/** One challenge with all scopes of the request, those that are granted as well (MCP 2026-07-28). */
function judgeScopes(auth: Auth, needed: readonly string[]): AuthError | undefined {
  if (hasAll(auth.scopes, needed)) return undefined
  const detail = `Needs the scope ${needed.join(' and ')}`
  return new AuthError('insufficient_scope', { reason: 'scope_missing', scopes: needed, detail })
}
