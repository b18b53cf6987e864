import { systemClock, type Clock } from '../../core/clock.js'
import { createEvents, type AuthEvent } from '../../core/events.js'
import type { OptionCheck } from '../../core/options.js'
import type { Manner } from './auth-state.js'
import type { OnRefuse } from './middleware.js'
import type { ErrorFormat } from '../answer/style.js'

/** How a guard that stands alone answers and reports. */
export interface MannerOptions {
  /** The protection space named in challenges (RFC 9110 §11.5). @default 'api' */
  readonly realm?: string
  /**
   * Body of a refusal: JSON by RFC 6750, or problem details by RFC 9457. A request with `Accept:
   * application/problem+json` gets the latter in any case. @default 'oauth'
   */
  readonly errorFormat?: ErrorFormat
  /** Wall time in seconds, for tests. @default the system's */
  readonly clock?: Clock
  /** Told of every verdict. Never awaited; what it throws never reaches the request. */
  readonly onEvent?: (event: AuthEvent) => void
  /** Answers refused requests in place of the package, for this guard and those behind it. */
  readonly onRefuse?: OnRefuse
}

export function compileManner(check: OptionCheck, options: MannerOptions): Manner {
  check.optionalFunction('clock', options.clock)
  check.optionalFunction('onEvent', options.onEvent)
  check.optionalFunction('onRefuse', options.onRefuse)
  const realm = options.realm === undefined ? 'api' : check.string('realm', options.realm)
  if (!/^[ !#-[\]-~]+$/.test(realm)) {
    check.refuse('realm', 'be printable ASCII without quotes and backslashes', realm)
  }
  const errorFormat = check.oneOf('errorFormat', options.errorFormat, ['oauth', 'problem'], 'oauth')
  return {
    style: { realm, errorFormat },
    events: createEvents(options.onEvent),
    clock: options.clock ?? systemClock,
    onRefuse: options.onRefuse,
  }
}
