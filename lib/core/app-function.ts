import { isThenable } from './values.js'

/**
 * Calls a function of the app from a listener, a timer or a promise callback, where nobody could
 * catch what it throws, at once or later: uncaught, it would end the process, by a request that
 * anybody can send.
 */
export function callApp<T>(call: () => T, failed: (error: unknown) => T): T {
  try {
    const result = call()
    if (isThenable(result)) result.then(undefined, failed)
    return result
  } catch (error) {
    return failed(error)
  }
}

/**
 * The answer of a function of the app that is read at once, so that a promise is a mistake. It is
 * judged as the object that it is; but a rejection that nobody waits for would end the process.
 */
export function atOnce<T>(answer: T): T {
  if (isThenable(answer)) answer.then(undefined, () => undefined)
  return answer
}
