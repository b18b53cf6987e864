import type { ServerResponse } from 'node:http'
import type { HeaderLine } from './record.js'

/** What finalhandler and send put in place of any policy, in the pages for 404, 500 and redirects. */
const HOSTS_OWN = "default-src 'none'"

/**
 * Sends a policy beside the one that the host puts over it at its own error pages, which has neither
 * `frame-ancestors` nor `base-uri` nor a place to report to. A browser heeds both (CSP3 §8.1), so that
 * nothing is loosened, should a handler have meant just that policy.
 */
export function keepPolicy(res: ServerResponse, [name, policy]: HeaderLine): void {
  // A response that Node did not make, as in tests of handlers, may have no status line to write.
  const { writeHead } = res as Partial<ServerResponse>
  if (writeHead === undefined) return
  res.writeHead = (status: number, ...rest: readonly unknown[]) => {
    if (status >= 300 && !res.headersSent && res.getHeader(name) === HOSTS_OWN) {
      res.setHeader(name, `${HOSTS_OWN}, ${policy}`)
    }
    Reflect.apply(writeHead, res, [status, ...rest])
    return res
  }
}
