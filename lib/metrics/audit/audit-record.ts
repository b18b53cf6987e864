import type { AuthEvent } from '../../core/events/events.js'
import { outcomeOf } from '../listening/labels.js'
import { headOf, requestIdOf, routeOf, traceIdOf } from '../listening/request-facts.js'

export interface AuditHashes {
  /** A keyed hash, so that ids can be joined and not guessed. */
  readonly hashed: (text: string) => string
  /** Stands for the address that a request came from. */
  readonly sender: (address: string) => string
}

export type AuditRecord = Readonly<Record<string, unknown>>

/** Names of attributes are those of OpenTelemetry, where it has one. */
const NAMES: Readonly<Record<string, string>> = {
  clientId: 'client_id',
  requiredScopes: 'required_scopes',
  ageSeconds: 'age_seconds',
  usableSeconds: 'usable_seconds',
  keyIds: 'key_ids',
  durationMs: 'duration_ms',
}

/**
 * Told as hashes of the digests that events bear: anybody who knows a subject could make a plain digest
 * of it.
 */
const IDS: Readonly<Record<string, string>> = {
  subjectDigest: 'enduser.pseudo.id',
  tokenIdDigest: 'token.jti',
  sessionIdDigest: 'session.id',
}

/** Makes one flat record of an event. */
export function createAuditRecord({
  hashed,
  sender,
}: AuditHashes): (event: AuthEvent, owasp: string) => AuditRecord {
  function fieldsOf(facts: object): [string, unknown][] {
    return Object.entries(facts).flatMap(([name, value]: [string, unknown]) => {
      if (value === undefined || name === 'name' || name === 'token') return []
      const id = IDS[name]
      if (id === undefined) return [[NAMES[name] ?? name, value] satisfies [string, unknown]]
      return typeof value === 'string'
        ? [[id, hashed(`${name} ${value}`)] satisfies [string, unknown]]
        : []
    })
  }

  function requestFields(event: AuthEvent): AuditRecord {
    const head = headOf(event)
    if (head === undefined) return {}
    const { address } = head.client
    return defined({
      'http.request.method': head.method,
      'http.route': routeOf(event),
      'client.address': address === '' ? undefined : sender(address),
      request_id: requestIdOf(event),
      trace_id: traceIdOf(head),
    })
  }

  return (event, owasp) => ({
    datetime: new Date().toISOString(),
    event: event.name,
    owasp,
    ...outcomeField(event),
    ...Object.fromEntries(fieldsOf(event)),
    ...Object.fromEntries(fieldsOf(('token' in event ? event.token : undefined) ?? {})),
    ...requestFields(event),
  })
}

function outcomeField(event: AuthEvent): AuditRecord {
  if (event.name === 'bearer.accepted') return { outcome: 'accepted' }
  return event.name === 'request.refused' ? { outcome: outcomeOf(event) } : {}
}

function defined(fields: AuditRecord): AuditRecord {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
