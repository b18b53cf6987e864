import { AuthError } from '../../../core/verdicts/errors.js'
import type { RequestHead } from '../../../http/request/request-head.js'
import { parseCompact, readHeader, type CompactJwt } from '../../jwt/compact.js'
import { invalidProof } from './refusals.js'

/** A proof taken apart. Nothing in it may be believed yet. */
export interface ParsedProof {
  readonly text: string
  /** Its first segment. A client sends the same one each time. */
  readonly headerText: string
  readonly jwt: CompactJwt
}

/** A proof with an RSA key of 4096 bits takes half of it; what is longer brings something else along. */
const MAX_PROOF_CHARS = 4096

/**
 * The one proof of a request (RFC 9449 §4.3, steps 1 to 3).
 *
 * @param headerOf Reads its first segment, or knows what it says.
 */
export function proofOf(
  head: RequestHead,
  headerOf: typeof readHeader = readHeader,
): ParsedProof | AuthError {
  const [text, ...others] = head.headerLines('dpop')
  if (text === undefined || text === '') {
    return invalidProof('missing_proof', 'The request has no DPoP header')
  }
  // Hosts that join several lines put a comma between them, which no proof has.
  if (others.length > 0 || text.includes(',')) {
    return invalidProof('missing_proof', 'The request has several proofs')
  }
  if (text.length > MAX_PROOF_CHARS) {
    return invalidProof('malformed_proof', `The proof is longer than ${MAX_PROOF_CHARS} characters`)
  }
  const jwt = parseCompact(text, headerOf)
  if (jwt instanceof AuthError) {
    return invalidProof('malformed_proof', `The proof is no JWT. ${jwt.detail ?? ''}`)
  }
  return { text, headerText: text.slice(0, text.indexOf('.')), jwt }
}
