import { isRecord, messageOf } from '../../../core/values.js'
import { AuthError } from '../../../core/verdicts/errors.js'
import { warn } from '../../../core/events/warnings.js'
import type { Network } from '../../../net/network/network.js'
import type { ClientAuth } from '../../../tokens/introspection/asking/client-auth.js'
import { createClientFetch } from './client-fetch.js'

type OpenidClient = typeof import('openid-client')
type Configuration = import('openid-client').Configuration

export interface OpenidOptions {
  /** The metadata of the issuer, or its identifier. */
  readonly server: URL
  /** As its metadata may name it. */
  readonly issuers: readonly string[]
  readonly clientId: string
  readonly clientAuth: ClientAuth
  readonly clockToleranceSeconds: number
  readonly timeoutMs: number
  readonly network: Network
}

/** Calls of openid-client, with the issuer's metadata. */
export interface Openid {
  /** @param refusal What an error means, where it is no outage. @default every error is one */
  ask<T>(
    use: (openid: OpenidClient, configuration: Configuration) => Promise<T>,
    refusal?: (error: unknown) => AuthError | undefined,
  ): Promise<T | AuthError>
}

/** Loads openid-client, an optional peer, and the metadata of the issuer: at the first use of each. */
export function createOpenid(factory: string, options: OpenidOptions): Openid {
  const { clientId, clientAuth, network, timeoutMs } = options
  const { certificate } = clientAuth
  const loading = import('openid-client').catch((cause: unknown) => {
    const fix = `${factory}: cannot load "openid-client". Run npm install openid-client (${messageOf(cause)})`
    warn('ERS_MISSING_PEER', fix)
    throw new Error(fix, { cause })
  })
  loading.catch(() => undefined)
  let configured: Promise<Configuration> | undefined

  async function configure(openid: OpenidClient): Promise<Configuration> {
    const configuration = await openid.discovery(
      options.server,
      clientId,
      {
        [openid.clockTolerance]: options.clockToleranceSeconds,
        ...(certificate !== undefined && { use_mtls_endpoint_aliases: true }),
      },
      authenticateBy(clientAuth),
      {
        // Our own fetch judges where plain http may go.
        execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
        [openid.customFetch]: createClientFetch({ network, timeoutMs, certificate }),
      },
    )
    // Nobody else compares the issuer that a "discoveryUrl" leads to.
    if (!options.issuers.includes(configuration.serverMetadata().issuer)) {
      throw new Error(`The metadata are of another issuer than ${options.issuers.join(' or ')}`)
    }
    return configuration
  }

  return {
    async ask(use, refusal) {
      try {
        const openid = await loading
        // One discovery for all who wait; after a failure, the next one tries again.
        configured ??= configure(openid).catch((error: unknown) => {
          configured = undefined
          throw error
        })
        return await use(openid, await configured)
      } catch (error) {
        return refusal?.(error) ?? unavailable(error)
      }
    },
  }
}

/** Declared to answer at once, and awaited all the same. */
function authenticateBy(clientAuth: ClientAuth): import('openid-client').ClientAuth {
  function authenticate(
    { issuer }: { readonly issuer: string },
    { client_id: clientId }: { readonly client_id: string },
    parameters: URLSearchParams,
    headers: Headers,
  ): unknown {
    return clientAuth.authenticate({ issuer, clientId, parameters, headers })
  }
  return authenticate
}

/** The `error` of an answer of the issuer, by its looks; nothing else of it is shown. */
export function oauthErrorOf(error: unknown): string | undefined {
  const name = isRecord(error) ? error['error'] : undefined
  return typeof name === 'string' && /^[a-z_]{1,64}$/.test(name) ? name : undefined
}

/** How openid-client calls what it does not know: the cause says more. */
const UNTOLD = 'something went wrong'

function unavailable(error: unknown): AuthError {
  const own = oauthErrorOf(error) ?? messageOf(error)
  const cause = causeOf(error)
  const told = [
    own === UNTOLD ? '' : own,
    own.includes(cause) ? '' : cause,
    refusesUs(error) ? WRONG_CLIENT : '',
  ]
  return new AuthError('temporarily_unavailable', {
    reason: 'issuer_unavailable',
    detail: told.filter(Boolean).join(': '),
    cause: error,
  })
}

/** What an answer held is not shown. */
function causeOf(error: unknown): string {
  const cause = isRecord(error) ? error['cause'] : undefined
  return cause instanceof Error || typeof cause === 'string' ? messageOf(cause) : ''
}

const WRONG_CLIENT =
  'it refuses our "clientId" or "clientAuth". An issuer that takes a secret as it is written, and not ' +
  'form-encoded (RFC 6749 §2.3.1), needs clientSecretPost or a secret of letters and digits'

function refusesUs(error: unknown): boolean {
  const name = oauthErrorOf(error)
  return name === 'invalid_client' || name === 'unauthorized_client' || isChallenge(error)
}

/** RFC 6749 §5.2: 401 is for a client that could not be authenticated. */
function isChallenge(error: unknown): boolean {
  return isRecord(error) && error['status'] === 401
}
