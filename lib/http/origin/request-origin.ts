import type { IncomingMessage } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import { AuthError } from '../../core/verdicts/errors.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { explainRefusal, type Remedies } from './explain.js'
import {
  isSafeMethod,
  judgeOrigin,
  judgeRead,
  type OriginFacts,
  type OriginPolicy,
} from './judge-origin.js'
import { NodeHead } from '../request/node-head.js'
import type { RequestHead } from '../request/request-head.js'

/** What `csrfGuard` and the check inside `requireBearer` go by. */
export interface CsrfPolicy extends OriginPolicy, Remedies {
  readonly ambient: (req: IncomingMessage) => boolean
  /** Judges GET, HEAD and OPTIONS too. */
  readonly isolateReads: boolean
}

/** `originalMethod` is where method-override keeps what was sent. */
type Overridable = IncomingMessage & { readonly originalMethod?: string | undefined }

export function isSafeRequest({
  method = '',
  originalMethod,
  headers,
}: Pick<Overridable, 'method' | 'originalMethod' | 'headers'>): boolean {
  return isSafeMethod(method, originalMethod) && !opensSocket(headers.upgrade)
}

/**
 * Whether a request is the handshake of a WebSocket, by its `Upgrade`. It is a GET that any page may
 * send with the cookies of its visitor, and what it opens reads and writes in their name. No page can
 * leave the header out.
 */
export function opensSocket(upgrade: string | undefined): boolean {
  return upgrade !== undefined && /(?:^|[ ,])websocket(?:[ ,/]|$)/i.test(upgrade)
}

/** The same for a request to any host. */
export function isSafeHead(head: RequestHead): boolean {
  return isSafeMethod(head.method, head.originalMethod) && !opensSocket(head.header('upgrade'))
}

/** Judges a request by where it came from. What it answers depends on the headers named here: `Vary`. */
export function originRefusal(req: IncomingMessage, policy: CsrfPolicy): AuthError | undefined {
  return judgeHead(new NodeHead(req), policy, atOnce(policy.ambient(req)))
}

/** The same for a request to any host. */
export function judgeHead(
  head: RequestHead,
  policy: Omit<CsrfPolicy, 'ambient'>,
  ambient: boolean,
): AuthError | undefined {
  const facts = readFacts(head, policy.headerName, ambient)
  const refusal = isSafeHead(head)
    ? policy.isolateReads && judgeRead(facts, policy)
    : judgeOrigin(asUnsafe(facts), policy)
  if (refusal === undefined || refusal === false) return undefined
  return new AuthError(refusal, { reason: refusal, detail: explainRefusal(refusal, facts, policy) })
}

/** Judges a handshake, which is a GET, as the post that it may amount to. */
export function judgeAsUnsafe(req: IncomingMessage, policy: CsrfPolicy): boolean {
  const facts = readFacts(new NodeHead(req), policy.headerName, atOnce(policy.ambient(req)))
  return judgeOrigin(asUnsafe(facts), policy) === undefined
}

/** A handshake is a GET by name. */
function asUnsafe(facts: OriginFacts): OriginFacts {
  return isSafeMethod(facts.method, facts.originalMethod)
    ? { ...facts, method: 'POST', originalMethod: undefined }
    : facts
}

function readFacts(head: RequestHead, headerName: string, ambient: boolean): OriginFacts {
  return {
    method: head.method,
    originalMethod: head.originalMethod,
    secFetchSite: head.header('sec-fetch-site'),
    secFetchMode: head.header('sec-fetch-mode'),
    secFetchDest: head.header('sec-fetch-dest'),
    origin: head.header('origin'),
    host: head.header(':authority') ?? head.header('host'),
    ambient,
    customHeader: (head.header(headerName) ?? '') !== '',
  }
}

/** Only what is no browser, or an old one over plain http, names no origin in an unsafe request. */
export function namesNoOrigin({ headers }: IncomingMessage): boolean {
  return headers['sec-fetch-site'] === undefined && headers.origin === undefined
}

export function hasHeader({ headers }: IncomingMessage, name: string): boolean {
  return String(headers[name] ?? '') !== ''
}

export function hasCookies(req: IncomingMessage): boolean {
  return req.headers.cookie !== undefined
}

export const DEFAULT_HEADER = 'x-csrf'

/** A page may send these to any server without asking, so they would prove nothing. */
const SAFELISTED_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'cookie',
  'host',
  'origin',
  'range',
  'referer',
  'user-agent',
])

export function compileHeaderName(check: OptionCheck, option: string | undefined): string {
  if (option === undefined) return DEFAULT_HEADER
  const name = check.string('header', option).toLowerCase()
  if (!/^[a-z][a-z0-9-]*$/.test(name) || SAFELISTED_HEADERS.has(name) || name.startsWith('sec-')) {
    check.refuse('header', 'be a header of your own, like "x-csrf"', option)
  }
  return name
}
