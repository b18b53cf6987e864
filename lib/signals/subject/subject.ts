import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { isRecord } from '../../core/values.js'
import { ownClaim, presentClaim } from '../../tokens/jwt/claims.js'

/** Whom an event is about, by one identifier (RFC 9493 §3.2, OpenID SSF 1.0 §3.5). */
export type SubjectIdentifier =
  | { readonly format: 'iss_sub'; readonly iss: string; readonly sub: string }
  | { readonly format: 'opaque'; readonly id: string }
  | { readonly format: 'email'; readonly email: string }
  | { readonly format: 'phone_number'; readonly phone_number: string }
  | { readonly format: 'account'; readonly uri: string }
  | { readonly format: 'uri'; readonly uri: string }
  | { readonly format: 'did'; readonly url: string }
  | { readonly format: 'jwt_id'; readonly iss: string; readonly jti: string }
  | {
      readonly format: 'saml_assertion_id'
      readonly issuer: string
      readonly assertion_id: string
    }

/** The same, or several ways to say it, or several things together, such as a user and their session. */
export type Subject =
  | SubjectIdentifier
  | { readonly format: 'aliases'; readonly identifiers: readonly SubjectIdentifier[] }
  | {
      readonly format: 'complex'
      /** Undefined for one of a format that we do not know. */
      readonly members: Readonly<Record<string, Subject | undefined>>
    }

/** Members that each format must have. */
const MEMBERS: Readonly<Record<SubjectIdentifier['format'], readonly string[]>> = {
  iss_sub: ['iss', 'sub'],
  opaque: ['id'],
  email: ['email'],
  phone_number: ['phone_number'],
  account: ['uri'],
  uri: ['uri'],
  did: ['url'],
  jwt_id: ['iss', 'jti'],
  saml_assertion_id: ['issuer', 'assertion_id'],
}

/** As transmitters of the drafts called them, Google first of all. */
const FORMER: Readonly<Record<string, string>> = {
  'iss-sub': 'iss_sub',
  id_token_claims: 'iss_sub',
  phone: 'phone_number',
}

/** Of aliases and members: nobody goes by more, and each may cost a query. */
const MAX_PARTS = 20

/** Members of a complex subject (SSF §3.3), by which those of the drafts are known, too. */
const COMPLEX_MEMBERS = ['user', 'session', 'device', 'application', 'tenant', 'org_unit', 'group']

/**
 * Reads a subject identifier. Members that its format does not know are left out.
 *
 * @returns undefined for a format that nobody here knows: a receiver must bear with those.
 */
export function readSubject(value: unknown): Subject | undefined | AuthError {
  if (!isRecord(value)) return malformed('It is no object')
  const format = formatOf(value)
  if (format === 'complex') return readComplex(value)
  if (format === 'aliases') return readAliases(value)
  return typeof format === 'string' ? readIdentifier(format, value) : malformed('It has no format')
}

function formatOf(value: Readonly<Record<string, unknown>>): unknown {
  const format = presentClaim(value, 'format') ?? presentClaim(value, 'subject_type')
  if (typeof format === 'string') return Object.hasOwn(FORMER, format) ? FORMER[format] : format
  if (format !== undefined) return undefined
  return COMPLEX_MEMBERS.some((name) => isRecord(ownClaim(value, name))) ? 'complex' : undefined
}

function readIdentifier(
  format: string,
  value: Readonly<Record<string, unknown>>,
): SubjectIdentifier | undefined | AuthError {
  if (!isKnown(format)) return undefined
  const members: Record<string, string> = {}
  for (const name of MEMBERS[format]) {
    const member = ownClaim(value, name)
    if (typeof member !== 'string' || member === '') {
      return malformed(`Its format ${format} wants "${name}", a string`)
    }
    members[name] = member
  }
  // The table and the type say the same.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { format, ...members } as SubjectIdentifier
}

function isKnown(format: string): format is SubjectIdentifier['format'] {
  return Object.hasOwn(MEMBERS, format)
}

/** RFC 9493 §3.2.8: no aliases within. */
function readAliases(value: Readonly<Record<string, unknown>>): Subject | AuthError {
  const list: unknown = ownClaim(value, 'identifiers')
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_PARTS) {
    return malformed(`Its "identifiers" are no list of 1 to ${MAX_PARTS}`)
  }
  const identifiers: SubjectIdentifier[] = []
  for (const item of list as readonly unknown[]) {
    const read = readPart(item)
    if (read instanceof AuthError) return read
    if (read !== undefined) identifiers.push(read)
  }
  return { format: 'aliases', identifiers }
}

function readPart(value: unknown): SubjectIdentifier | undefined | AuthError {
  const read = readSubject(value)
  if (read === undefined || read instanceof AuthError) return read
  if (read.format === 'aliases' || read.format === 'complex') {
    return malformed('An alias is one identifier')
  }
  return read
}

function readComplex(value: Readonly<Record<string, unknown>>): Subject | AuthError {
  const names = Object.keys(value).filter((name) => name !== 'format' && name !== 'subject_type')
  if (names.length > MAX_PARTS) return malformed(`It has more than ${MAX_PARTS} members`)
  const members = new Map<string, Subject | undefined>()
  for (const name of names) {
    const member = ownClaim(value, name)
    const read = isRecord(member) ? readMember(member) : undefined
    if (read instanceof AuthError) return read
    members.set(name, read)
  }
  return { format: 'complex', members: Object.fromEntries(members) }
}

/** SSF §3.3: a member is simple. */
function readMember(value: Readonly<Record<string, unknown>>): Subject | undefined | AuthError {
  return formatOf(value) === 'complex'
    ? malformed('A member is complex itself')
    : readSubject(value)
}

function malformed(detail: string): AuthError {
  return invalidToken('malformed_subject', `The subject cannot be read. ${detail}`)
}
