import type { OptionCheck } from '../../core/options/option-check.js'
import { AuthError } from '../../core/verdicts/errors.js'
import type { AuthErrorReason } from '../../core/verdicts/reasons.js'
import { openAsker, type Asked, type AskerSettings } from '../../redis/asking/asker.js'
import { faultOf } from '../../redis/errors.js'

export interface StoreAsker {
  /** What every key begins with. */
  readonly name: string
  /** Rejects with `temporarily_unavailable` while Redis does not answer. */
  readonly ask: (asked: Asked) => Promise<unknown>
  readonly close: () => void
}

/** For a store whose keys say themselves which slot of a Cluster they are in. */
export function openStoreAsker(
  check: OptionCheck,
  options: AskerSettings,
  { name: fallback, reason }: { readonly name: string; readonly reason: AuthErrorReason },
): StoreAsker {
  if (typeof options.name === 'string' && /[{}]/.test(options.name)) {
    check.refuse('name', 'hold no braces', options.name)
  }
  const { name, asker } = openAsker(check, options, fallback)
  return {
    name,
    async ask(asked) {
      try {
        return await asker.ask(asked)
      } catch (cause) {
        const { detail } = faultOf(cause)
        throw new AuthError('temporarily_unavailable', { reason, detail, cause })
      }
    },
    close: () => asker.close(),
  }
}
