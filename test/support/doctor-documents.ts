import type { Finding } from '../../lib/doctor/finding.js'
import type { Documents } from '../../lib/keys/documents/documents.js'
import { THIS_MACHINE } from './network.js'

/** Documents by URL, without a network: the rest are 404. */
export function documentsOf(bodies: Readonly<Record<string, unknown>>): Documents {
  return {
    allowance: THIS_MACHINE,
    mayBeKeys: false,
    async fetch({ href }) {
      if (!(href in bodies)) throw new Error(`${href}: The answer is 404`)
      return { modified: true, body: bodies[href], etag: undefined, maxAgeSeconds: undefined }
    },
  }
}

/** `status check: detail` of each finding, and what the examination returns in the end. */
export async function examined<R>(
  findings: AsyncGenerator<Finding, R> | Generator<Finding, R>,
): Promise<{ readonly told: readonly string[]; readonly result: R }> {
  const told: string[] = []
  for (;;) {
    const { done, value } = await findings.next()
    if (done === true) return { told, result: value }
    told.push(`${value.status} ${value.check}: ${value.detail}`)
  }
}
