import { optionsWithin, Untold, type OptionCheck } from '../../../core/options/option-check.js'
import { isRecord } from '../../../core/values.js'
import type { ClientAuth } from './client-auth.js'

/** Tokens that the issuer is asked about (RFC 7662), beside JWTs in the same guard. */
export interface IntrospectionOptions {
  /** Where to ask. @default `introspection_endpoint` of the issuer's metadata */
  readonly endpoint?: string | URL | undefined
  /** Whose tokens they are, where the guard has several issuers: an opaque token does not say. */
  readonly issuer?: string | undefined
  /** This API, as a client of the issuer. */
  readonly clientId: string
  /** `clientSecretBasic(secret)`, `clientSecretPost`, `privateKeyJwt`, `tlsClientAuth` or `bearer`. */
  readonly clientAuth: ClientAuth
  /**
   * `opaque`: opaque tokens are asked about, JWTs are verified here. `all`: JWTs are verified here and
   * then asked about, so that one the issuer has revoked is refused. @default 'opaque'
   */
  readonly for?: 'opaque' | 'all' | undefined
  /**
   * How long an answer is believed, in seconds, 0 to 60: never past the token's `exp`, and one that says
   * "inactive" for 10 seconds at most. 0 asks at each request. @default 10
   */
  readonly cacheSeconds?: number | undefined
  /**
   * Takes answers that name neither audience nor `token_type`, under `audience: false`. Only for an
   * endpoint that never answers about refresh tokens, as that of django-oauth-toolkit: one would pass as
   * an access token. @default false
   */
  readonly dangerouslyAllowMissingTokenType?: boolean | undefined
  /** Takes signed answers only, verified with the issuer's keys (RFC 9701). @default false */
  readonly signed?: boolean | undefined
  /** Deadline of a call, in milliseconds. @default 2500 */
  readonly timeoutMs?: number | undefined
  /** Cap on an answer, in bytes. @default 65536 */
  readonly maxBytes?: number | undefined
}

export interface IntrospectionSettings {
  readonly endpoint: URL | undefined
  readonly issuer: string | undefined
  readonly clientId: string
  readonly clientAuth: ClientAuth
  readonly all: boolean
  readonly cacheMs: number
  readonly mayLackType: boolean
  readonly signed: boolean
  readonly timeoutMs: number
  readonly maxBytes: number
}

const NAMES: readonly (keyof IntrospectionOptions)[] = [
  'endpoint',
  'issuer',
  'clientId',
  'clientAuth',
  'for',
  'cacheSeconds',
  'dangerouslyAllowMissingTokenType',
  'signed',
  'timeoutMs',
  'maxBytes',
]

/** For `OptionCheck.known` of whoever takes `introspection`. */
export const KNOWN_INTROSPECTION_OPTIONS: readonly string[] = [
  'introspection',
  ...optionsWithin('introspection', NAMES),
]

/** @throws TypeError naming the option and the fix. */
export function compileIntrospection(
  check: OptionCheck,
  option: IntrospectionOptions,
): IntrospectionSettings {
  check.known(option, NAMES, { within: 'introspection' })
  const number = (name: 'timeoutMs' | 'maxBytes', fallback: number, min: number, max: number) =>
    check.number(`introspection.${name}`, option[name], { fallback, min, max })
  const { endpoint, issuer, clientAuth } = option
  if (!isClientAuth(clientAuth)) {
    check.refuse('introspection.clientAuth', 'be one like clientSecretBasic(secret)', undefined)
  }
  const cacheSeconds = check.number('introspection.cacheSeconds', option.cacheSeconds, {
    fallback: 10,
    min: 0,
    max: 60,
  })
  return {
    endpoint: endpoint === undefined ? undefined : endpointOf(check, endpoint),
    issuer: issuer === undefined ? undefined : check.string('introspection.issuer', issuer),
    clientId: check.string('introspection.clientId', option.clientId),
    clientAuth,
    all: check.oneOf('introspection.for', option.for, ['opaque', 'all'], 'opaque') === 'all',
    cacheMs: cacheSeconds * 1000,
    mayLackType: check.boolean(
      'introspection.dangerouslyAllowMissingTokenType',
      option.dangerouslyAllowMissingTokenType,
      false,
    ),
    signed: check.boolean('introspection.signed', option.signed, false),
    timeoutMs: number('timeoutMs', 2500, 50, 60_000),
    maxBytes: number('maxBytes', 65_536, 1024, 1_048_576),
  }
}

function isClientAuth(value: unknown): value is ClientAuth {
  return isRecord(value) && typeof value['authenticate'] === 'function'
}

/** Whether it may be reached is for the issuer's `network` to say, at each call. */
function endpointOf(check: OptionCheck, value: string | URL): URL {
  const text = String(value)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password !== '') {
    const must = 'be an https URL without credentials'
    return check.refuse('introspection.endpoint', must, url?.origin ?? new Untold('another value'))
  }
  return url
}
