import type { IncomingMessage } from 'node:http'
import { exceedsDepth } from '../core/json-depth.js'
import { isRecord } from '../core/values.js'
import { AuthError } from '../core/verdicts/errors.js'
import { malformedSignal, readPosted, textOf } from './delivery/read-body.js'
import { readSubject, type Subject } from './subject/subject.js'

/** Until -02 the draft called it `subject`, and so do Okta's and Auth0's documentation. */
const NAMES = ['sub_id', 'subject']

/** Whom a request asks to sign out (Global Token Revocation §3.2). */
export async function requestedSubject(req: IncomingMessage): Promise<Subject | AuthError> {
  const body = await readPosted(req, (type) => type === 'application/json')
  if (body instanceof AuthError) return body
  const asked = isRecord(body) && !(body instanceof Uint8Array) ? body : parse(textOf(body))
  const name = isRecord(asked) && NAMES.find((member) => Object.hasOwn(asked, member))
  if (!isRecord(asked) || !name) {
    return malformedSignal('The body is no JSON object with "sub_id"')
  }
  const subject = readSubject(asked[name])
  if (subject === undefined) return malformedSignal('The format of "sub_id" is not known')
  if (subject instanceof AuthError) return subject
  const user = userOf(subject)
  if (user !== undefined) return user
  return new AuthError('invalid_request', {
    reason: 'unsupported_subject',
    detail: `A subject of the format ${subject.format} is no user`,
  })
}

/** What identifies no user. */
const NO_USERS: readonly Subject['format'][] = ['jwt_id', 'saml_assertion_id', 'complex']

/** What of a subject may be a user. Undefined for nothing. */
function userOf(subject: Subject): Subject | undefined {
  if (subject.format !== 'aliases') return NO_USERS.includes(subject.format) ? undefined : subject
  const identifiers = subject.identifiers.filter(({ format }) => !NO_USERS.includes(format))
  // Formats that nobody knows are left out before: those may have been of users.
  const isNoUser = identifiers.length === 0 && subject.identifiers.length > 0
  return isNoUser ? undefined : { ...subject, identifiers }
}

const MAX_DEPTH = 16

function parse(text: string | undefined): unknown {
  if (text === undefined || exceedsDepth(text, MAX_DEPTH)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
