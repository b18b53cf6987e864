import type { RefusalStyle } from '../../http/answer/style.js'
import type { Proofs } from '../../tokens/proof/proofs.js'

/** What challenges offer (RFC 9449 §7.2): a token bound to a certificate is sent as `Bearer`. */
export function schemesOf({
  dpopAlgorithms,
  mtls,
  required,
}: Proofs): Pick<RefusalStyle, 'schemes' | 'schemeParameters'> {
  if (dpopAlgorithms === undefined) return {}
  const schemes = required && !mtls ? ['DPoP'] : ['Bearer', 'DPoP']
  return { schemes, schemeParameters: { DPoP: [['algs', dpopAlgorithms.join(' ')]] } }
}
