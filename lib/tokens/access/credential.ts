import type { Auth } from '../../core/auth/auth.js'
import type { Presentation } from '../proof/binding/possession.js'

/** What a request offers to be let in by. */
export interface Credential extends Presentation {
  readonly transport: Auth['transport']
  /**
   * Its sender has failed too often: nothing is done for it that costs more than a signature check,
   * like fetching keys, resolving an issuer or decrypting. @default false
   */
  readonly throttled?: boolean
}
