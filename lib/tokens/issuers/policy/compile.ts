import { compileNetwork } from '../../../net/network/network-options.js'
import { complaint } from '../../../core/options/complaint.js'
import type { OptionCheck } from '../../../core/options/option-check.js'
import { isRecord } from '../../../core/values.js'
import { isScopeToken } from '../../../core/auth/scope.js'
import { importDecryptionKey, loadDecryption, type DecryptionKey } from '../../jwt/encrypted.js'
import { compileClaims } from './claim-options.js'
import { issuerNames } from './names.js'
import { metadataOf } from './key-place.js'
import { createKeySource, type KeySourceContext } from './key-source.js'
import type { KeySource } from '../../../keys/key-source.js'
import type { IssuerFields } from './options.js'
import type { ExpectedValue, IssuerPolicy } from './policy.js'

// prettier-ignore
export const ASYMMETRIC_ALGORITHMS: readonly string[] = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
  'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
]
const PROFILES = ['lenient', 'rfc9068', 'id_token'] as const
const HMAC_ALGORITHMS: readonly string[] = ['HS256', 'HS384', 'HS512']

/** Checks one issuer's options and compiles them. @throws TypeError naming the option and the fix. */
export function compileIssuer(options: IssuerFields, context: KeySourceContext): IssuerPolicy {
  const { check } = context
  const revocationIssuers = issuerNames(check, options.issuer)
  const issuers = [...revocationIssuers.keys()]
  const clientIds = optionalStrings(check, 'clientId', options.clientId)
  const decryptionKeys = decryptionKeysOf(check, options.decryptionKeys)
  const keys = context.keys ?? createKeySource(options, issuers, context)
  const metadata = metadataOf(options, issuers)
  const profile = check.oneOf('profile', options.profile, PROFILES, 'lenient')
  return {
    issuers,
    revocationIssuers,
    audiences: audiencesOf(check, options, clientIds),
    audienceMatch: check.oneOf('audienceMatch', options.audienceMatch, ['exact', 'uri'], 'exact'),
    clientIds,
    algorithms: withBothNames(algorithmsOf(check, options)),
    profile,
    clockToleranceSeconds: check.number('clockToleranceSeconds', options.clockToleranceSeconds, {
      fallback: 5,
      min: 0,
      max: 60,
    }),
    maxAgeSeconds:
      options.maxAgeSeconds === undefined
        ? undefined
        : check.number('maxAgeSeconds', options.maxAgeSeconds, {
            min: 1,
            max: Number.MAX_SAFE_INTEGER,
          }),
    requiredClaims: optionalStrings(check, 'requiredClaims', options.requiredClaims) ?? [],
    expectedClaims: expectedClaimsOf(check, options.expectedClaims),
    ...compileClaims(check, options.claims, profile),
    scopeImplies: scopeImpliesOf(check, options.scopeImplies),
    validate: functionOf(check, 'validate', options.validate),
    keys: decryptionKeys.length === 0 ? keys : withDecryption(keys),
    network: compileNetwork(
      check,
      options.network,
      metadata?.discoveryUrls ?? [],
      context.publicOnly,
    ),
    metadata,
    decryptionKeys,
  }
}

/** Loads what decrypts from now on, so that no request waits for it, and `ready()` tells of a failure. */
function withDecryption(keys: KeySource): KeySource {
  const loading = loadDecryption()
  loading.catch(() => undefined)
  return {
    ...keys,
    async ready() {
      await loading
      await keys.ready()
    },
  }
}

function audiencesOf(
  check: OptionCheck,
  { audience, expectedClaims = {}, profile }: IssuerFields,
  clientIds: readonly string[] | undefined,
): readonly string[] | undefined {
  if (audience !== false) return check.strings('audience', audience)
  const isPinned = Object.keys(expectedClaims).length > 0 && profile !== 'id_token'
  if (clientIds === undefined && !isPinned) {
    const must =
      'be given, or "clientId" or "expectedClaims" where the issuer sends no "aud" (an ID token needs the former)'
    check.refuse('audience', must, audience)
  }
  return undefined
}

function algorithmsOf(check: OptionCheck, options: IssuerFields): readonly string[] {
  const allowed = options.secret === undefined ? ASYMMETRIC_ALGORITHMS : HMAC_ALGORITHMS
  const algorithms = optionalStrings(check, 'algorithms', options.algorithms) ?? allowed
  if (algorithms.every((algorithm) => allowed.includes(algorithm))) return algorithms
  const kind = options.secret === undefined ? 'public-key' : 'HMAC'
  return check.refuse(
    'algorithms',
    `be ${kind} algorithms out of ${allowed.join(', ')}`,
    algorithms,
  )
}

/**
 * RFC 9864 gives `EdDSA` on Ed25519 a name of its own. An app that allows the old name allows the new
 * one, but not the other way round: the old one is deprecated.
 */
function withBothNames(algorithms: readonly string[]): ReadonlySet<string> {
  return new Set(algorithms.includes('EdDSA') ? [...algorithms, 'Ed25519'] : algorithms)
}

function expectedClaimsOf(
  check: OptionCheck,
  option: IssuerFields['expectedClaims'],
): ReadonlyMap<string, readonly ExpectedValue[]> {
  const entries = Object.entries(option ?? {})
  return new Map(entries.map(([name, values]) => [name, expectedValues(check, name, values)]))
}

function expectedValues(
  check: OptionCheck,
  name: string,
  values: ExpectedValue | readonly ExpectedValue[],
): readonly ExpectedValue[] {
  const list = [values].flat()
  if (list.length > 0 && list.every((value) => typeof value === 'boolean')) return list
  const texts = list.filter((value) => typeof value !== 'boolean')
  check.strings(`expectedClaims.${name}`, texts)
  return list
}

function scopeImpliesOf(
  check: OptionCheck,
  option: IssuerFields['scopeImplies'],
): ReadonlyMap<string, readonly string[]> {
  const implies = new Map<string, readonly string[]>()
  if (option === undefined) return implies
  for (const [scope, implied] of Object.entries(option)) {
    const list = check.strings(`scopeImplies.${scope}`, implied)
    const bad = [scope, ...list].find((item) => !isScopeToken(item))
    if (bad !== undefined) check.refuse('scopeImplies', 'hold scopes (RFC 6749 §3.3)', bad)
    implies.set(scope, list)
  }
  return implies
}

function decryptionKeysOf(
  check: OptionCheck,
  option: IssuerFields['decryptionKeys'],
): readonly DecryptionKey[] {
  const jwks: unknown = option ?? []
  if (!Array.isArray(jwks)) {
    // Names of members only: it may be a private key.
    const got = isRecord(jwks) ? jwks : typeof jwks
    return check.refuse('decryptionKeys', 'be a list of JWKs, such as the "keys" of a JWKS', got)
  }
  return jwks.map((jwk: unknown, index) => {
    try {
      return importDecryptionKey(jwk)
    } catch {
      // Said without the cause: it could quote a private key.
      throw complaint(
        check.factory,
        `${check.factory}: "decryptionKeys" must hold private RSA or EC keys as JWKs; number ${index} is none`,
      )
    }
  })
}

function functionOf<T>(check: OptionCheck, name: string, value: T): T {
  check.optionalFunction(name, value)
  return value
}

function optionalStrings(
  check: OptionCheck,
  name: string,
  value: unknown,
): readonly string[] | undefined {
  return value === undefined ? undefined : check.strings(name, value)
}
