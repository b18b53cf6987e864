import { codeOf, messageOf } from '../../../core/values.js'
import type { Clock } from '../../../core/clock.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import { ensureFetchable } from '../../../net/network/address-guard.js'
import type { Login } from '../login/login.js'
import { createOpenid, oauthErrorOf, type OpenidOptions } from './openid.js'
import type { Tokens } from '../sessions/session.js'

export interface IssuerClientOptions extends OpenidOptions {
  readonly redirectUri: URL
  readonly scopes: readonly string[]
  readonly responseMode: 'query' | 'form_post'
  readonly loginParameters: Readonly<Record<string, string>>
  readonly afterLogout: string | undefined
  readonly clock: Clock
}

/** This app as a client of the issuer: the protocol, by openid-client. A refusal is a value. */
export interface IssuerClient {
  /** Where the browser is sent to log in; by PAR (RFC 9126) where the issuer takes it. */
  loginUrl(login: Login): Promise<URL | AuthError>
  /** Checks the answer of the issuer to a login, and gets the tokens for its code. */
  redeem(answer: URLSearchParams, login: Login): Promise<Tokens | AuthError>
  /** The refusal is of the credential family only where the issuer says that the refresh token is not good. */
  refresh(refreshToken: string): Promise<Tokens | AuthError>
  /** Revokes a refresh token (RFC 7009), as far as the issuer can be had. Never rejects. */
  revoke(refreshToken: string): Promise<void>
  /** Where a logout at the issuer begins; undefined where it has none, or cannot be had. */
  logoutUrl(idToken: string): Promise<URL | undefined>
}

export function createIssuerClient(options: IssuerClientOptions): IssuerClient {
  const { clientId, redirectUri, network } = options
  const openid = createOpenid('tokenHandler', options)

  function reachable(url: URL): URL {
    ensureFetchable(url, network.allowance)
    return url
  }

  return {
    loginUrl: (login) =>
      openid.ask(async (client, configuration) => {
        const parameters = {
          ...options.loginParameters,
          redirect_uri: redirectUri.href,
          scope: options.scopes.join(' '),
          response_type: 'code',
          ...(options.responseMode === 'form_post' && { response_mode: 'form_post' }),
          state: login.state,
          nonce: login.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(login.verifier),
          code_challenge_method: 'S256',
          ...login.asked,
        }
        const pushes =
          configuration.serverMetadata().pushed_authorization_request_endpoint !== undefined
        return reachable(
          pushes
            ? await client.buildAuthorizationUrlWithPAR(configuration, parameters)
            : client.buildAuthorizationUrl(configuration, parameters),
        )
      }),
    redeem: (answer, login) =>
      openid.ask(async (client, configuration) => {
        const url = new URL(redirectUri)
        url.search = answer.toString()
        const maxAge = login.asked['max_age']
        const granted = await client.authorizationCodeGrant(configuration, url, {
          expectedState: login.state,
          expectedNonce: login.nonce,
          pkceCodeVerifier: login.verifier,
          idTokenExpected: true,
          ...(maxAge !== undefined && { maxAge: Number(maxAge) }),
        })
        return tokensOf(granted, granted.claims(), options.clock())
      }, loginRefusal),
    refresh: (refreshToken) =>
      openid.ask(
        async (client, configuration) => {
          const granted = await client.refreshTokenGrant(configuration, refreshToken)
          return tokensOf(granted, granted.claims(), options.clock())
        },
        (error) => (oauthErrorOf(error) === 'invalid_grant' ? ended() : undefined),
      ),
    async revoke(refreshToken) {
      await openid.ask(async (client, configuration) => {
        if (configuration.serverMetadata().revocation_endpoint === undefined) return
        await client.tokenRevocation(configuration, refreshToken, {
          token_type_hint: 'refresh_token',
        })
      })
    },
    async logoutUrl(idToken) {
      const url = await openid.ask(async (client, configuration) => {
        if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined
        const { afterLogout } = options
        return reachable(
          client.buildEndSessionUrl(configuration, {
            id_token_hint: idToken,
            client_id: clientId,
            ...(afterLogout !== undefined && { post_logout_redirect_uri: afterLogout }),
          }),
        )
      })
      return url instanceof AuthError ? undefined : url
    },
  }
}

interface Granted {
  readonly access_token: string
  readonly refresh_token?: string
  readonly id_token?: string
  readonly expires_in?: number
}

function tokensOf(
  { access_token, refresh_token, id_token, expires_in }: Granted,
  claims: object | undefined,
  now: number,
): Tokens {
  return {
    accessToken: access_token,
    accessExpiresAt: expires_in === undefined ? undefined : now + expires_in,
    refreshToken: refresh_token,
    idToken: id_token,
    claims: claims === undefined ? undefined : { ...claims },
  }
}

/** Codes of openid-client for an answer that is not about this login. */
const MISFITS: ReadonlySet<string | undefined> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

/** Undefined for an outage. Errors of the token endpoint that are about us are one: no login would help. */
function loginRefusal(error: unknown): AuthError | undefined {
  const name = oauthErrorOf(error)
  const code = codeOf(error)
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') {
    const detail = `The issuer answered ${name ?? 'an error'}`
    return new AuthError('login_failed', { reason: 'login_denied', detail })
  }
  if (name !== 'invalid_grant' && !MISFITS.has(code)) return undefined
  const detail = name ?? messageOf(error)
  return new AuthError('login_failed', { reason: 'login_refused', detail, cause: error })
}

function ended(): AuthError {
  const detail = 'The issuer answered invalid_grant to the refresh token'
  return new AuthError('invalid_token', { reason: 'session_ended', detail })
}
