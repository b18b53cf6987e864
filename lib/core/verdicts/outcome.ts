import { AuthError } from './errors.js'
import { isThenable } from '../values.js'

/**
 * The one way in which a result or a refusal travels: a refusal is a value. It is never thrown, and no
 * promise rejects with one. An error that is thrown all the same is a fault of the program.
 */
export type Outcome<T> = T | AuthError | Promise<T | AuthError>

/** Takes the next step unless the last one refused: at once where the last outcome is there at once. */
export function andThen<T, U>(
  outcome: Outcome<T>,
  step: (value: T) => Outcome<U>,
): U | AuthError | Promise<U | AuthError> {
  if (outcome instanceof Promise) {
    return outcome.then((value: T | AuthError) =>
      value instanceof AuthError ? value : step(value),
    )
  }
  return outcome instanceof AuthError ? outcome : step(outcome)
}

/**
 * The one place where something thrown by a function of the app or by a library becomes a value, at
 * once or later.
 *
 * @param refusal What the error means for the request. @default an AuthError means itself, and
 *   anything else is thrown again
 */
export function attempt<T>(
  step: () => PromiseLike<T>,
  refusal?: (error: unknown) => AuthError,
): Promise<T | AuthError>
export function attempt<T>(step: () => T, refusal?: (error: unknown) => AuthError): T | AuthError
export function attempt<T>(
  step: () => T | PromiseLike<T>,
  refusal: (error: unknown) => AuthError = itself,
): Outcome<T> {
  try {
    const result = step()
    return isThenable(result) ? Promise.resolve(result).catch(refusal) : result
  } catch (error) {
    return refusal(error)
  }
}

function itself(error: unknown): AuthError {
  if (error instanceof AuthError) return error
  throw error
}
