import { createHash, timingSafeEqual } from 'node:crypto'
import type { OptionCheck } from '../../core/options/option-check.js'

/** Whether a request bears one of these as its `Authorization`. */
export type AuthorizationCheck = (header: string | undefined) => boolean

/** @throws TypeError naming the option, never its value. */
export function compileAuthorization(
  check: OptionCheck,
  option: string | readonly string[] | undefined,
): AuthorizationCheck {
  if (option === undefined) return () => true
  const list: readonly unknown[] = Array.isArray(option) ? option : [option]
  const strings = list.filter((item): item is string => typeof item === 'string' && item !== '')
  if (list.length === 0 || strings.length !== list.length) {
    check.refuse('authorization', 'be the value of a header, or a list of them', '(not shown)')
  }
  // Digests are of one length, so that the comparison tells nothing, not even that.
  const known = strings.map(digestOf)
  return (header) => {
    const got = digestOf(header ?? '')
    return known.filter((item) => timingSafeEqual(item, got)).length > 0
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
