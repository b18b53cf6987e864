import type { BackChannelLogoutOptions } from '../../endpoints/back-channel-logout.js'
import { pickDefined, type OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import type { ResponderOptions } from '../../http/guard/responder.js'
import type { Secret } from '../../http/secrets/secrets.js'
import { compileNetwork } from '../../net/network/network-options.js'
import type { RevocationStore } from '../../revocation/store.js'
import { requireStore } from '../../revocation/asking/store-option.js'
import type { ClientAuth } from '../../tokens/introspection/asking/client-auth.js'
import {
  KNOWN_INTROSPECTION_OPTIONS,
  type IntrospectionOptions,
} from '../../tokens/introspection/asking/options.js'
import { ASYMMETRIC_ALGORITHMS } from '../../tokens/issuers/policy/compile.js'
import {
  KNOWN_ISSUER_OPTIONS,
  type IssuerFields,
  type IssuerOptions,
} from '../../tokens/issuers/policy/options.js'
import type { OneKeySource } from '../../tokens/issuers/policy/one-key-source.js'
import type { SessionStore } from '../session-store.js'
import type { IssuerClientOptions } from './issuer/issuer-client.js'
import {
  CALLBACK,
  compileParameters,
  compileRedirectUri,
  compileScopes,
  safeUrl,
} from './login/login-options.js'

/** The issuer and its access tokens, as for `requireBearer`, and this app as its client. */
export type TokenHandlerOptions = TokenHandlerFields & OneKeySource

export interface TokenHandlerFields
  extends Omit<IssuerFields, 'clientId' | 'fetchKeys'>, ResponderOptions {
  /** This app, as a client of the issuer. */
  readonly clientId: string
  /** How it says that it is: `clientSecretBasic(secret)`, `privateKeyJwt(key)` or another. */
  readonly clientAuth: ClientAuth
  /**
   * Where the issuer sends users back to: an https URL that ends with `/callback`. The other routes lie
   * beside it. Loopback may be plain http.
   */
  readonly redirectUri: string | URL
  /** What to ask for besides `openid`. Many issuers give a refresh token for `offline_access`. */
  readonly scopes: string | readonly string[]
  /** Where sessions are kept: `redisSessionStore()`, or `memorySessionStore()`. */
  readonly sessions: SessionStore
  /** At least 32 bytes each, the newest first: cookies and sessions are encrypted with them. */
  readonly secrets: readonly Secret[]
  /** The denylist. It ends sessions too, and back-channel logout writes to it. */
  readonly revocations: RevocationStore
  /** An access token is renewed so long before its end, in seconds, or after half its life. @default 60 */
  readonly refreshBeforeSeconds?: number | undefined
  /** A session ends when it was not used for so long, in seconds. @default 3600 */
  readonly idleSeconds?: number | undefined
  /** A session ends so long after the login, in seconds, 30 days at most. @default 43200, 12 hours */
  readonly absoluteSeconds?: number | undefined
  /** `form_post` keeps the code out of URLs; it needs https in most browsers. @default 'query' */
  readonly responseMode?: 'query' | 'form_post' | undefined
  /** Further parameters of each login, such as `resource` (RFC 8707) or `audience`. @default none */
  readonly loginParameters?: Readonly<Record<string, string>> | undefined
  /** `post_logout_redirect_uri`, registered at the issuer. @default none: its own page says goodbye */
  readonly afterLogout?: string | URL | undefined
  /** What a logout at the issuer ends here, as for `backChannelLogout`. @default 'session' */
  readonly endBy?: 'session' | 'subject' | undefined
  /** For issuers whose logout tokens have no `exp`, as for `backChannelLogout`. @default false */
  readonly allowMissingExp?: boolean | undefined
  /**
   * `lax`: links from other sites arrive logged in. Requests that change something stay guarded.
   * @default 'strict'
   */
  readonly sameSite?: 'strict' | 'lax' | undefined
  /** Deadline of a call to the issuer, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined
  /** Asks the issuer about opaque access tokens, as `requireBearer` does. @default off */
  readonly introspection?: IntrospectionOptions | undefined
}

const OWN_NAMES: readonly (keyof TokenHandlerOptions)[] = [
  'clientId',
  'clientAuth',
  'redirectUri',
  'scopes',
  'sessions',
  'secrets',
  'revocations',
  'refreshBeforeSeconds',
  'idleSeconds',
  'absoluteSeconds',
  'responseMode',
  'loginParameters',
  'afterLogout',
  'endBy',
  'allowMissingExp',
  'sameSite',
  'timeoutMs',
  'realm',
  'errorFormat',
  'clock',
  'onEvent',
  'advice',
  'onRefuse',
]

const ISSUER_NAMES = KNOWN_ISSUER_OPTIONS.filter(
  (name) => name !== 'clientId' && name !== 'fetchKeys',
)

const KNOWN = [...ISSUER_NAMES, ...KNOWN_INTROSPECTION_OPTIONS, ...OWN_NAMES]

const SESSION_METHODS: readonly (keyof SessionStore)[] = [
  'create',
  'read',
  'lock',
  'write',
  'unlock',
  'end',
  'claim',
]

export interface HandlerSettings {
  /** The first spelling, under which sessions are revoked. */
  readonly issuer: string
  /** Path of the routes, without a slash at its end. */
  readonly base: string
  readonly origin: string
  readonly client: Omit<IssuerClientOptions, 'clock'>
  readonly lifetime: { readonly idleMs: number; readonly absoluteMs: number }
  readonly refreshBeforeSeconds: number
  readonly sameSite: 'strict' | 'lax'
}

/** @throws TypeError naming the option and the fix. */
export function compileHandler(check: OptionCheck, options: TokenHandlerOptions): HandlerSettings {
  check.known(options, KNOWN)
  requireStore(check, options.revocations)
  requireSessions(check, options.sessions)
  const issuers = [options.issuer].flat(2)
  const [issuer = ''] = issuers
  const redirectUri = compileRedirectUri(check, options.redirectUri)
  const named = [issuer, options.discoveryUrl ?? issuer].map(String)
  if (!named.every((url) => URL.canParse(url))) check.refuse('issuer', 'be a URL', issuer)
  const { clientAuth } = options
  if (!isRecord(clientAuth) || typeof clientAuth['authenticate'] !== 'function') {
    check.refuse('clientAuth', 'be one like clientSecretBasic(secret)', undefined)
  }
  const number = (
    name: 'refreshBeforeSeconds' | 'idleSeconds' | 'absoluteSeconds' | 'timeoutMs',
    fallback: number,
    min: number,
    max: number,
  ): number => check.number(name, options[name], { fallback, min, max })
  const timeoutMs = number('timeoutMs', 5000, 50, 60_000)
  return {
    issuer,
    base: redirectUri.pathname.slice(0, -CALLBACK.length),
    origin: redirectUri.origin,
    client: {
      server: new URL(options.discoveryUrl ?? issuer),
      issuers,
      clientId: check.string('clientId', options.clientId),
      clientAuth,
      redirectUri,
      scopes: compileScopes(check, options.scopes),
      responseMode: check.oneOf(
        'responseMode',
        options.responseMode,
        ['query', 'form_post'],
        'query',
      ),
      loginParameters: compileParameters(check, options.loginParameters ?? {}),
      afterLogout:
        options.afterLogout === undefined
          ? undefined
          : safeUrl(check, 'afterLogout', options.afterLogout).href,
      clockToleranceSeconds: options.clockToleranceSeconds ?? 5,
      timeoutMs,
      network: compileNetwork(
        check,
        options.network,
        named.map((url) => new URL(url)),
      ),
    },
    lifetime: {
      idleMs: Math.round(number('idleSeconds', 3600, 60, 2_592_000) * 1000),
      absoluteMs: Math.round(number('absoluteSeconds', 43_200, 60, 2_592_000) * 1000),
    },
    refreshBeforeSeconds: number('refreshBeforeSeconds', 60, 0, 3600),
    sameSite: check.oneOf('sameSite', options.sameSite, ['strict', 'lax'], 'strict'),
  }
}

/** What verifies the access tokens: the options of the issuer. `clientId` means another thing there. */
export function trustOptions({ clientId: _ours, ...options }: TokenHandlerOptions): IssuerOptions {
  return options
}

/**
 * Those of the issuer's logout tokens: its keys are the same, and the client is this app. It is not
 * known how that is registered, so that a logout by ES256 must end what a login by ES256 began.
 */
export function logoutOptions(options: TokenHandlerOptions): BackChannelLogoutOptions {
  const { clientId, issuer, secret } = options
  const algorithms = secret === undefined ? { algorithms: ASYMMETRIC_ALGORITHMS } : {}
  return { ...algorithms, ...pickDefined(options, LOGOUT_NAMES), issuer, clientId }
}

const LOGOUT_NAMES = [
  'discoveryUrl',
  'jwksUri',
  'jwks',
  'secret',
  'decryptionKeys',
  'algorithms',
  'clockToleranceSeconds',
  'keyCache',
  'network',
  'endBy',
  'allowMissingExp',
  'clock',
  'onEvent',
  'advice',
] as const

function requireSessions(check: OptionCheck, store: unknown): void {
  const fits = isRecord(store) && SESSION_METHODS.every((name) => typeof store[name] === 'function')
  if (!fits) check.refuse('sessions', 'be a store like memorySessionStore()', store)
}
