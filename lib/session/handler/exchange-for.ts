import type { IncomingMessage } from 'node:http'
import { systemClock, type Clock } from '../../core/clock.js'
import { optionCheck, type OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { authOf } from '../../http/guard/auth-state.js'
import { compileNetwork, type NetworkOptions } from '../../net/network/network-options.js'
import type { ClientAuth } from '../../tokens/introspection/asking/client-auth.js'
import { createOpenid, oauthErrorOf, type Openid } from './issuer/openid.js'
import { subjectTokenOf } from './tokens/subject-token.js'

export interface ExchangeOptions {
  /** The service that the tokens are for, as the issuer knows it. */
  readonly audience: string
  /** Scopes to ask for. @default what the issuer gives */
  readonly scope?: string | readonly string[] | undefined
  /** This API, as a client of the issuer. */
  readonly client: ExchangeClient
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock | undefined
}

export interface ExchangeClient {
  /** The identifier of the issuer that exchanges the tokens. */
  readonly issuer: string
  /** Where the issuer's metadata is. @default by issuer */
  readonly discoveryUrl?: string | URL | undefined
  /** The id of this API there. */
  readonly clientId: string
  /** `clientSecretBasic(secret)`, `clientSecretPost`, `privateKeyJwt` or `tlsClientAuth`. */
  readonly clientAuth: ClientAuth
  /** How the issuer is reached, as for `requireBearer`. @default directly */
  readonly network?: NetworkOptions | undefined
  /** Deadline of a call, in milliseconds. @default 2500 */
  readonly timeoutMs?: number | undefined
}

/** A token for another service. */
export interface ExchangedToken {
  readonly token: string
  /** In seconds: no later than the token it was given for. */
  readonly expiresAt: number
}

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'

const MAX_ENTRIES = 10_000
/** So long before its end a token is exchanged anew, in seconds, or after half its life. */
const MARGIN_SECONDS = 30

interface Entry extends ExchangedToken {
  readonly renewAt: number
}

/**
 * Exchanges the access token of a request for one of another service, in the name of the same user
 * (RFC 8693): the other service gets no token that works here. Behind `bff.bearer`, or `requireBearer`
 * with the token in a header. Each token is exchanged once, and remembered until its end. Put
 * `jtiBlocklist` in front: a token that is revoked then gets none. Needs the package openid-client.
 *
 * @example
 * const forBilling = exchangeFor({ audience: 'https://billing.example.com', client: { issuer, clientId, clientAuth } })
 * const { token } = await forBilling(req)
 *
 * @throws TypeError at construction, for an unknown, missing or bad option. AuthError, as a rejection:
 *   `invalid_token` and `insufficient_scope` where the issuer refuses, `temporarily_unavailable` where it
 *   does not answer, or refuses our own credentials.
 * @see RFC 8693 §2
 */
export function exchangeFor(
  options: ExchangeOptions,
): (req: IncomingMessage) => Promise<ExchangedToken> {
  const check = optionCheck('exchangeFor')
  check.known(options, ['audience', 'scope', 'client', 'clock'])
  check.optionalFunction('clock', options.clock)
  const { clock = systemClock } = options
  const audience = check.string('audience', options.audience)
  const scopes = options.scope === undefined ? [] : check.strings('scope', options.scope)
  const openid = createExchangeClient(check, options.client)
  const parameters = {
    audience,
    subject_token_type: ACCESS_TOKEN,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }
  const entries = new Map<string, Entry>()
  const running = new Map<string, Promise<ExchangedToken>>()

  async function exchange(subjectToken: string, until: number): Promise<Entry> {
    // As whole seconds, in which the issuer counts.
    const now = Math.floor(clock())
    const granted = await openid.ask(async (client, configuration) => {
      const answer = await client.genericGrantRequest(configuration, GRANT, {
        ...parameters,
        subject_token: subjectToken,
      })
      const type: unknown = answer['issued_token_type']
      if (type !== ACCESS_TOKEN && type !== JWT) throw new Error('The answer is no access token')
      return answer
    }, refusal)
    if (granted instanceof AuthError) throw granted
    const { access_token: token, expires_in: life = 0 } = granted
    const expiresAt = Math.min(now + life, until)
    return { token, expiresAt, renewAt: expiresAt - Math.min(MARGIN_SECONDS, life / 2) }
  }

  function remember(key: string, entry: Entry): void {
    if (entries.size >= MAX_ENTRIES) entries.delete(entries.keys().next().value ?? key)
    entries.set(key, entry)
  }

  return async (req) => {
    const auth = authOf(req)
    const subjectToken = subjectTokenOf(req, auth)
    if (subjectToken === undefined) throw new Error(NO_TOKEN)
    const key = JSON.stringify([auth.issuer, auth.tokenId])
    const known = entries.get(key)
    if (known !== undefined && clock() < known.renewAt) return shown(known)
    const started =
      running.get(key) ??
      exchange(subjectToken, auth.expiresAt)
        .then((entry) => {
          remember(key, entry)
          return shown(entry)
        })
        .finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}

const NO_TOKEN =
  'exchangeFor: the token of this request cannot be exchanged. Use it behind bff.bearer, or send the token in the Authorization header'

function shown({ token, expiresAt }: Entry): ExchangedToken {
  return { token, expiresAt }
}

function createExchangeClient(check: OptionCheck, client: ExchangeClient): Openid {
  const within = 'client'
  check.known(
    client,
    ['issuer', 'discoveryUrl', 'clientId', 'clientAuth', 'network', 'timeoutMs'],
    {
      within,
    },
  )
  const issuer = check.string('client.issuer', client.issuer)
  const server = String(client.discoveryUrl ?? issuer)
  const named = [issuer, server]
  if (!named.every((url) => URL.canParse(url))) check.refuse('client.issuer', 'be a URL', issuer)
  const { clientAuth } = client
  if (!isRecord(clientAuth) || typeof clientAuth['authenticate'] !== 'function') {
    check.refuse('client.clientAuth', 'be one like clientSecretBasic(secret)', undefined)
  }
  return createOpenid('exchangeFor', {
    server: new URL(server),
    issuers: [issuer],
    clientId: check.string('client.clientId', client.clientId),
    clientAuth,
    clockToleranceSeconds: 5,
    timeoutMs: check.number('client.timeoutMs', client.timeoutMs, {
      fallback: 2500,
      min: 50,
      max: 60_000,
    }),
    network: compileNetwork(
      check,
      client.network,
      named.map((url) => new URL(url)),
    ),
  })
}

/** RFC 8693 §2.2.2. An error about us, and not about the token or its user, is an outage. */
function refusal(error: unknown): AuthError | undefined {
  const name = oauthErrorOf(error)
  const detail = `The issuer answered ${name} to an exchange`
  switch (name) {
    case 'invalid_grant':
    case 'invalid_request':
      return invalidToken('exchange_refused', detail)
    case 'invalid_target':
    case 'invalid_scope':
    case 'access_denied':
      return new AuthError('insufficient_scope', { reason: 'exchange_refused', detail })
    case undefined:
    default:
      return undefined
  }
}
