import { sha256 } from '../../core/sha256.js'
import type { Answer } from './answer.js'

/** A request for a document, whatever host it came to. */
export interface DocumentRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  readonly ifNoneMatch: string | undefined
}

/** A JSON document at a few paths, the same for everybody. */
export type PublicDocument = (request: DocumentRequest) => Answer | undefined

const MAX_AGE_SECONDS = 300

/** Any page may read it: it holds nothing that is secret, and no cookie decides. */
const CORS = ['Access-Control-Allow-Origin', '*'] as const
const METHODS = 'GET, HEAD, OPTIONS'

/** Answers GET, HEAD and preflights at `targets`; undefined for any other path. */
export function publicDocument(document: object, targets: readonly string[]): PublicDocument {
  const body = JSON.stringify(document)
  const etag = `"${sha256(body).slice(0, 22)}"`
  const headers = [
    CORS,
    ['Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`],
    ['ETag', etag],
  ] as const
  const content = [
    ['Content-Type', 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ] as const
  const found: Answer = { status: 200, headers: [...headers, ...content], body }
  const unchanged: Answer = { status: 304, headers, body: '' }
  const preflight: Answer = {
    status: 204,
    headers: [
      CORS,
      ['Access-Control-Allow-Methods', METHODS],
      ['Access-Control-Allow-Headers', '*'],
      ['Access-Control-Max-Age', String(MAX_AGE_SECONDS)],
    ],
    body: '',
  }
  const notAllowed: Answer = {
    status: 405,
    headers: [CORS, ['Allow', METHODS], ['Content-Length', '0']],
    body: '',
  }
  return ({ method, target, ifNoneMatch }) => {
    if (!targets.includes(pathOf(target))) return undefined
    if (method === 'OPTIONS') return preflight
    if (method !== 'GET' && method !== 'HEAD') return notAllowed
    return isKnown(etag, ifNoneMatch) ? unchanged : found
  }
}

/** A proxy may send the whole URL (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target
  const { pathname, search } = new URL(target)
  return pathname + search
}

/** RFC 9110 §13.1.2: weak comparison, because nothing else is asked of it. */
function isKnown(etag: string, ifNoneMatch = ''): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
