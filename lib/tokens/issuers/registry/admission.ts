import { isThenable } from '../../../core/values.js'
import { warn } from '../../../core/events/warnings.js'

/**
 * Whether an issuer may be resolved: by `true` and nothing else, because a promise is truthy, and an
 * async `allow` would admit every issuer there is. It is asked about whatever a stranger writes for
 * `iss`, so what it throws, like `new URL(iss)` does, is a no, and no fault of the server.
 */
export function admission(allow: (issuer: string) => unknown): (issuer: string) => boolean {
  let warned = false

  function report(error: unknown): void {
    if (warned) return
    warned = true
    // The message could quote the issuer, which is the stranger's text.
    const cause = error instanceof Error ? error.name : typeof error
    warn(
      'ERS_ISSUER_ALLOW',
      `issuers.allow() failed (${cause}), and so did not admit an issuer. Let it return false for whatever is no issuer of yours`,
    )
  }

  return (issuer) => {
    if (issuer === '') return false
    try {
      const answer = allow(issuer)
      // Nobody else would catch it, and Node ends the process for that.
      if (isThenable(answer)) answer.then(undefined, report)
      return answer === true
    } catch (error) {
      report(error)
      return false
    }
  }
}
