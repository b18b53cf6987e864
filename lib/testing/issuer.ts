import { systemClock, type Clock } from '../core/clock.js'
import { optionCheck } from '../core/options/option-check.js'
import type { LogoutTokenOptions } from '../tokens/events/logout-verifier.js'
import { bearer } from '../tokens/introspection/asking/client-auth.js'
import type { IntrospectionOptions } from '../tokens/introspection/asking/options.js'
import type { IssuerFields, IssuerOptions } from '../tokens/issuers/policy/options.js'
import { startIssuerServer, type IssuerServer, type Outage } from './issuer-server.js'
import { createKeyRing } from './key-ring.js'
import { PLAIN, SHAPES, type Likeness, type Shape } from './shapes.js'
import type { TestAlgorithm } from './signing-key.js'
import { CLIENT, createTokens, type TestTokens } from './tokens.js'
import {
  createPollEndpoint,
  createTransmitter,
  type TestTransmitter,
  type TestTransmitterOptions,
} from './transmitter.js'

export interface TestIssuerOptions {
  /** The product whose tokens these look like; `options` are those of its preset. @default RFC 9068 */
  readonly like?: Likeness | undefined
  /** The identifier. Not with `like`. @default 'https://issuer.test'; after `listen()`, its address */
  readonly issuer?: string | undefined
  /** The name of your API. @default 'https://api.test' */
  readonly audience?: string | undefined
  /** The algorithm of signatures. @default 'ES256', or what the product signs with */
  readonly alg?: TestAlgorithm | undefined
  /** Wall time in seconds, for tokens and guards. @default the system's */
  readonly clock?: Clock | undefined
}

/** An authorization server for tests. */
export interface TestIssuer extends TestTokens {
  /** The identifier, as in `iss`. */
  readonly issuer: string
  /** The name of your API, as in `aud`. */
  readonly audience: string
  /** What `requireBearer` needs. Read it after `listen()`. */
  readonly options: IssuerOptions & { readonly clock?: Clock }
  /** For `requireBearer({ ...issuer.options, introspection: issuer.introspection })`. Needs `listen()`, and oauth4webapi. */
  readonly introspection: IntrospectionOptions
  /** What `backChannelLogout` needs. */
  readonly logoutOptions: LogoutTokenOptions & { readonly clock?: Clock }
  /** Sends security events and universal logouts, signed by this issuer. */
  transmitter(options?: TestTransmitterOptions): TestTransmitter
  /** From now on `options` name a real address to fetch keys from. Nothing has to close it. */
  listen(): Promise<void>
  /** Signs with a new key. The old ones stay published, unless `overlap` is false. Needs `listen()`. */
  rotate(options?: { readonly overlap?: boolean | undefined }): void
  /** The issuer says from now on that this opaque token is not active. */
  revokeOpaque(token: string): void
  /** Nobody gets keys until `recover()`: `'refused'`, `'500'`, `'hang'` (no answer), `'html'` (a page) or `'empty'` (no keys). Guards without keys answer 503; those that have keys go on. Needs `listen()`. */
  outage(kind: Outage): Promise<void>
  /** Ends the outage. A guard that was refused its keys tries again once its back-off is over, by real time: wait as long as `Retry-After` of its 503 says. */
  recover(): Promise<void>
}

const OPTION_NAMES: readonly (keyof TestIssuerOptions)[] = [
  'like',
  'issuer',
  'audience',
  'alg',
  'clock',
]
const ALGORITHMS: readonly TestAlgorithm[] = ['ES256', 'RS256', 'EdDSA']

/**
 * An authorization server for tests. Until `listen()` it has no socket, and guards get its keys from
 * `options`. Nothing of it keeps a process from ending.
 *
 * @example
 * const issuer = createTestIssuer()
 * app.use(requireBearer(issuer.options))
 * await issuer.authed(request(app).get('/notes'), { scope: 'notes:read' }).expect(200)
 *
 * @throws TypeError for an unknown or contradictory option.
 */
export function createTestIssuer(given: TestIssuerOptions = {}): TestIssuer {
  const { shape, alg, named, clock, ...settings } = compile(given)
  const { audience } = settings
  const keys = createKeyRing(alg)
  const opaque = new Map<string, object>()
  const polled = createPollEndpoint()
  let server: IssuerServer | undefined

  /** The preset's own settings, with our keys instead of the product's. */
  function options(): IssuerOptions {
    const base = withoutKeys(shape.options(named ?? 'https://issuer.test', audience))
    if (server === undefined) return { ...base, jwks: keys.published() }
    if (shape === PLAIN && named === undefined) return { ...base, issuer: server.url }
    return { ...base, jwksUri: `${server.url}/jwks` }
  }

  function issuer(): string {
    const [first = ''] = [options().issuer].flat(2)
    return first
  }

  function listening(method: string): IssuerServer {
    if (server !== undefined) return server
    throw new Error(
      `${method}: without a socket, guards keep the keys they were made with. Call await issuer.listen() first, and read issuer.options after it`,
    )
  }

  const clocked = clock === undefined ? {} : { clock }
  return {
    ...createTokens({ shape, keys, audience, clock: clock ?? systemClock, issuer, opaque }),
    get introspection() {
      const endpoint = `${listening('introspection').url}/introspect`
      return { endpoint, clientId: 'test-api', clientAuth: bearer('test-api') }
    },
    revokeOpaque: (token) => void opaque.delete(token),
    audience,
    get issuer() {
      return issuer()
    },
    get options() {
      return { ...options(), ...clocked }
    },
    get logoutOptions() {
      const { issuer: spellings, jwks, jwksUri } = options()
      const source = jwks === undefined ? { ...(jwksUri && { jwksUri }) } : { jwks }
      return { issuer: spellings, clientId: CLIENT, algorithms: [alg], ...source, ...clocked }
    },
    transmitter(wanted = {}) {
      return createTransmitter(wanted, {
        keys,
        polled,
        clock: clock ?? systemClock,
        issuer,
        source: () => {
          const { jwks, jwksUri } = options()
          const metadata = server && { discoveryUrl: `${server.url}/.well-known/ssf-configuration` }
          return {
            algorithms: [alg],
            ...clocked,
            ...(jwks ? { jwks } : jwksUri ? { jwksUri } : metadata),
          }
        },
        pollUrl: () => `${listening('transmitter().pollOptions').url}/poll`,
      })
    },
    async listen() {
      server ??= await startIssuerServer((url) => ({
        metadata: { issuer: issuer(), jwks_uri: `${url}/jwks` },
        jwks: keys.published(),
        introspect: (token) => opaque.get(token) ?? { active: false },
        poll: (authorization, asked) => polled.answer(authorization, asked),
      }))
    },
    rotate({ overlap = true } = {}) {
      listening('rotate')
      keys.rotate(overlap)
    },
    outage: (kind) => listening('outage').fail(kind),
    recover: () => listening('recover').fail(undefined),
  }
}

interface Settings {
  readonly shape: Shape
  readonly alg: TestAlgorithm
  readonly named: string | undefined
  readonly audience: string
  readonly clock: Clock | undefined
}

function compile(given: TestIssuerOptions): Settings {
  const check = optionCheck('createTestIssuer')
  check.known(given, OPTION_NAMES)
  check.optionalFunction('clock', given.clock)
  const { like, audience = 'https://api.test', clock, issuer: named } = given
  if (like !== undefined && !Object.hasOwn(SHAPES, like)) {
    check.refuse('like', `be one of ${Object.keys(SHAPES).join(', ')}`, like)
  }
  if (like !== undefined && named !== undefined) {
    check.refuse('issuer', 'be left out with "like", whose preset names one', named)
  }
  const shape = like === undefined ? PLAIN : SHAPES[like]
  const alg = check.oneOf('alg', given.alg, ALGORITHMS, shape.alg)
  return { shape, alg, named, audience, clock }
}

function withoutKeys({
  discoveryUrl: _place,
  jwksUri: _other,
  jwks: _keys,
  secret: _shared,
  fetchKeys: _way,
  ...base
}: IssuerFields): Omit<IssuerFields, 'discoveryUrl' | 'jwksUri' | 'jwks' | 'secret' | 'fetchKeys'> {
  return base
}
