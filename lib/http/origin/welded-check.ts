import type { OptionCheck } from '../../core/options/option-check.js'
import { ORIGIN_VARY, READ_VARY } from '../answer/vary.js'
import type { RequestHead } from '../request/request-head.js'
import { compileOrigins, compileOwnOrigins } from './judge-origin.js'
import { DEFAULT_HEADER, isSafeHead, type CsrfPolicy } from './request-origin.js'

/** Whose pages may use a token that they do not hold: one in a cookie, or one that a proxy adds. */
export interface WeldedCheckOptions {
  /** Other origins whose pages may use the token, exactly as browsers spell them. @default [] */
  readonly trustedOrigins?: readonly string[] | undefined
  /** The public origin of this server, or several, for browsers without Fetch Metadata. @default the request's `Host` */
  readonly origin?: string | readonly string[] | undefined
  /**
   * Refuses foreign pages that load us by GET with the token, unless they link to us: they could measure
   * answers that they cannot read. @default true
   */
  readonly isolateReads?: boolean | undefined
}

export const WELDED_CHECK_NAMES: readonly (keyof WeldedCheckOptions)[] = [
  'trustedOrigins',
  'origin',
  'isolateReads',
]

/** @param option The option that these stand in. */
export function compileWeldedCheck(
  check: OptionCheck,
  option: string,
  { trustedOrigins, origin, isolateReads }: WeldedCheckOptions,
): Omit<CsrfPolicy, 'ambient'> {
  return {
    own: compileOwnOrigins(check, `${option}.origin`, origin),
    trusted: compileOrigins(check, `${option}.trustedOrigins`, trustedOrigins),
    isolateReads: check.boolean(`${option}.isolateReads`, isolateReads, true),
    refuseUserNavigation: false,
    headerName: DEFAULT_HEADER,
  }
}

/** The headers by which the check goes. */
export function weldedVary(head: RequestHead): readonly string[] {
  return isSafeHead(head) ? READ_VARY : ORIGIN_VARY
}
