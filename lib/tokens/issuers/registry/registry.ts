import { invalidToken, type AuthError } from '../../../core/verdicts/errors.js'
import type { Outcome } from '../../../core/verdicts/outcome.js'
import type { Sender } from '../../../core/queue/sender.js'
import type { KeySourceStatus } from '../../../keys/key-source.js'
import type { DecryptionKey } from '../../jwt/encrypted.js'
import type { Without } from '../policy/one-key-source.js'
import type { IssuerFields, IssuerOptions } from '../policy/options.js'
import type { IssuerPolicy } from '../policy/policy.js'

/** Whom an API trusts: one issuer, or several in a list, or those that a resolver finds. */
// The commonest stands last: TypeScript 5 explains by that one what fits none.
export type TrustedIssuers =
  | ({ readonly issuers: readonly IssuerOptions[] | IssuerResolver } & Without<keyof IssuerFields>)
  | (IssuerOptions & Without<'issuers'>)

/** Finds the options of issuers that are not known in advance, such as the tenants of a service. */
export interface IssuerResolver {
  /**
   * Decides, before any I/O, whether a token's `iss` may be resolved at all: by `true`, and by
   * nothing else. An error of it is a no. Keep it exact.
   */
  allow(issuer: string): boolean
  /**
   * The issuer's options, within 2.5 seconds, or undefined where there is no such issuer (401), which
   * is remembered for 3 seconds. A rejection is an outage (503), never a bad token, and not remembered.
   *
   * At most 100 are under way at once. It is asked again for an issuer in use before `ttlSeconds` are
   * over: new options count at once, and where they say the same of the keys, the keys are kept. So
   * return the same functions each time in `fetchKeys`, `jwks` and `network.headers`.
   */
  resolve(issuer: string): Promise<IssuerOptions | undefined>
  /** How long an answer counts, in seconds, 1 to 86400: a tenant that left is out by then. @default 300 */
  readonly ttlSeconds?: number | undefined
  /** How long after that it serves on while `resolve` fails, in seconds, up to 86400; 0: not at all. @default 3600 */
  readonly maxStaleSeconds?: number | undefined
  /** How many issuers are kept, each with its keys, once a token of theirs has verified; of more, the last used ones. @default 1000 */
  readonly maxIssuers?: number | undefined
  /**
   * Whether the hosts of these issuers must be on the public net, at each look-up: for issuers that
   * tenants choose. It counts whatever `network` allows.
   *
   * A proxy resolves names by itself, and must forbid the same. @default false
   */
  readonly forbidPrivateNetworks?: boolean | undefined
}

export interface IssuerStatus extends KeySourceStatus {
  readonly issuer: string
  /** It was not known in advance, but found by `resolve`: tokens name it, good ones or not. */
  readonly resolved?: true
}

/**
 * The issuers an API trusts, each with keys, policy and budget of its own: one tenant's outage or
 * flood leaves the others alone, and a foreign issuer costs no network.
 */
export interface IssuerRegistry {
  /**
   * @param throttled One that is not known yet must not be resolved. @default false
   * @param sender Who waits for it. @default nobody in particular
   * @param algorithm As the token names it: an issuer may have two kinds of keys. @default any
   * @returns the refusal `temporarily_unavailable` where an issuer cannot be resolved, and
   * `too_many_requests` where it must not be.
   */
  find(
    issuer: string,
    throttled?: boolean,
    sender?: Sender,
    algorithm?: unknown,
  ): Outcome<IssuerPolicy | undefined>
  /** The policy of an issuer that `find` would find without resolving it. */
  known(issuer: string, algorithm?: unknown): IssuerPolicy | undefined
  /**
   * Whether tokens of an issuer found before are still taken; absent where they always are. Asked for a
   * verified token, it notes that the issuer is real, and has it resolved again where that is due.
   */
  readonly confirm?: (issuer: string) => boolean
  /** Keys to decrypt tokens with whose issuer is not known before. */
  readonly decryptionKeys: readonly DecryptionKey[]
  /** Each issuer by its first spelling; empty where they are not known in advance. */
  readonly names: readonly string[]
  /** Of each issuer that is known in advance, in the order of the options. */
  readonly policies: readonly IssuerPolicy[]
  /** Why an issuer is foreign, for the log. */
  explain(issuer: string): string
  ready(): Promise<void>
  status(): readonly IssuerStatus[]
  close(): void
}

export function unknownIssuer(issuers: IssuerRegistry, issuer: string): AuthError {
  return invalidToken('unknown_issuer', issuers.explain(issuer))
}

export function statusOf({ issuers, keys }: IssuerPolicy): IssuerStatus {
  return { issuer: issuers[0] ?? '', ...keys.status() }
}
