import { AuthError, invalidToken } from '../../core/verdicts/errors.js'
import { andThen, attempt, type Outcome } from '../../core/verdicts/outcome.js'
import { messageOf } from '../../core/values.js'
import type { IssuerPolicy } from '../issuers/policy/policy.js'
import type { VerifiedToken } from './entries.js'

/** Asks the app's own rule over a verified token. */
export function judgeByApp<T extends VerifiedToken>(
  entry: T,
  validate: NonNullable<IssuerPolicy['validate']>,
): Outcome<T> {
  const asking = async (): Promise<{ readonly verdict: unknown }> => ({
    verdict: await validate(entry.auth),
  })
  return andThen(attempt(asking, refusalFor), ({ verdict }) => {
    // An error that is returned, not thrown, refuses as well.
    if (verdict instanceof Error) return refusalFor(verdict)
    // It should have thrown, but a predicate that says no must not be taken for a yes.
    return verdict === false ? invalidToken('refused_by_validate') : entry
  })
}

/** "No credential" would let the bearer of a refused token pass as anonymous. */
function refusalFor(error: unknown): AuthError {
  return error instanceof AuthError && error.code !== 'no_credential'
    ? error
    : invalidToken('refused_by_validate', messageOf(error))
}
