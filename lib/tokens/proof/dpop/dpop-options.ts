import type { OptionCheck } from '../../../core/options/option-check.js'
import { isLoopbackHost } from '../../../http/request/host.js'
import { deriveKeys, type Secret } from '../../../http/secrets/secrets.js'
import { isReplayStore, type ReplayStore } from '../../../replay/store.js'
import { createNonces, type Nonces } from './nonce.js'
import { normaliseUri } from './target-uri.js'

/** Tokens bound to a key that the client proves with each request (RFC 9449). */
export interface DpopOptions {
  /**
   * `allow` takes plain bearer tokens beside bound ones; `require` takes bound ones alone. A bound
   * token needs its proof in either case. @default 'allow'
   */
  readonly mode?: 'allow' | 'require' | undefined
  /** Oldest acceptable proof, by `iat`, or nonce, where they are used; 1 to 300. @default 60 */
  readonly proofMaxAgeSeconds?: number | undefined
  /** How far clocks of clients may be off, 0 to 60. @default 10, as FAPI 2.0 wants */
  readonly clockToleranceSeconds?: number | undefined
  /** Algorithms of proofs; never `none` or a symmetric one. @default ES256, ES384, ES512, EdDSA, Ed25519, PS256, PS384, PS512, RS256 */
  readonly algorithms?: readonly string[] | undefined
  /**
   * Lets no proof pass without a fresh nonce of ours (RFC 9449 §9), so that none can be made ahead of
   * time, and clocks of clients do not matter. Secrets of at least 32 bytes, newest first, the same
   * in each process. @default no nonces
   */
  readonly nonce?: { readonly secrets: readonly Secret[] } | undefined
  /** Where used proofs are remembered: `memoryReplayStore()` for one process, else `redisReplayStore()`. */
  readonly replay: ReplayStore
}

export const DPOP_OPTION_NAMES: readonly (keyof DpopOptions)[] = [
  'mode',
  'proofMaxAgeSeconds',
  'clockToleranceSeconds',
  'algorithms',
  'nonce',
  'replay',
]

const ALGORITHMS: readonly string[] =
  'ES256 ES384 ES512 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512'.split(' ')
const DEFAULT_ALGORITHMS = ALGORITHMS.filter((name) => name !== 'RS384' && name !== 'RS512')

/** What the step goes by. */
export interface DpopPolicy {
  readonly required: boolean
  readonly maxAgeSeconds: number
  readonly toleranceSeconds: number
  readonly algorithms: ReadonlySet<string>
  readonly nonces: Nonces | undefined
  readonly replay: ReplayStore
}

export function compileDpop(check: OptionCheck, options: DpopOptions): DpopPolicy {
  check.known(options, DPOP_OPTION_NAMES, { within: 'dpop' })
  const seconds = (
    name: 'proofMaxAgeSeconds' | 'clockToleranceSeconds',
    range: { fallback: number; min: number; max: number },
  ): number => check.number(`dpop.${name}`, options[name], range)
  const maxAgeSeconds = seconds('proofMaxAgeSeconds', { fallback: 60, min: 1, max: 300 })
  const toleranceSeconds = seconds('clockToleranceSeconds', { fallback: 10, min: 0, max: 60 })
  const replay: unknown = options.replay
  if (!isReplayStore(replay)) {
    check.refuse('dpop.replay', 'be a ReplayStore like memoryReplayStore()', replay)
  }
  const mode = check.oneOf('dpop.mode', options.mode, ['allow', 'require'], 'allow')
  const window = { maxAgeSeconds, toleranceSeconds }
  return {
    ...window,
    required: mode === 'require',
    algorithms: compileAlgorithms(check, options.algorithms),
    nonces: options.nonce && noncesOf(check, options.nonce, window),
    replay: options.replay,
  }
}

function compileAlgorithms(
  check: OptionCheck,
  option: readonly string[] | undefined,
): ReadonlySet<string> {
  const names = check.strings('dpop.algorithms', option ?? DEFAULT_ALGORITHMS)
  const unknown = names.find((name) => !ALGORITHMS.includes(name))
  if (unknown !== undefined) {
    check.refuse('dpop.algorithms', `be of ${ALGORITHMS.join(', ')}`, unknown)
  }
  return new Set(names)
}

function noncesOf(
  check: OptionCheck,
  option: NonNullable<DpopOptions['nonce']>,
  window: { maxAgeSeconds: number; toleranceSeconds: number },
): Nonces {
  check.known(option, ['secrets'], { within: 'dpop.nonce' })
  return createNonces(
    deriveKeys(check, 'dpop.nonce.secrets', option.secrets, 'dpop-nonce/v1'),
    window,
  )
}

/**
 * Our public origins, normalised. Proofs over plain http would be for whoever listens (RFC 9449 §1).
 *
 * @throws TypeError for anything but a bare `https://host[:port]`, or one of http that is loopback.
 */
export function compilePublicOrigins(
  check: OptionCheck,
  option: string | readonly string[] | undefined,
): readonly string[] | undefined {
  if (option === undefined) return undefined
  return check.strings('origin', option).map((origin) => {
    const uri = normaliseUri(origin)
    if (uri === undefined || !/^https?:\/\/[^/?#]+\/?$/i.test(origin)) {
      return check.refuse('origin', 'be like "https://api.example.com", without a path', origin)
    }
    if (uri.origin.startsWith('http:') && !isLoopbackHost(uri.origin.slice('http://'.length))) {
      check.refuse('origin', 'be https, unless it is a loopback address', origin)
    }
    return uri.origin
  })
}
