import type { ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { optionCheck } from '../core/options/option-check.js'
import { withFacts } from '../http/guard/facts.js'
import type { Middleware } from '../http/guard/middleware.js'
import { hostname, hostOf, isLoopbackHost } from '../http/request/host.js'
import { compileHeaders, type SecurityHeadersOptions } from './headers/compile.js'
import type { CompiledCsp } from './headers/csp.js'
import { keepPolicy } from './headers/keep-policy.js'
import { createNonce } from './headers/nonce.js'

/**
 * Sends the headers that tell browsers what not to do with a response. Mount it first, so that
 * refusals and errors carry them too. Everything is computed at construction, by helmet where
 * helmet knows better; a request pays for setting some eight headers.
 *
 * | header                       | `api` (default)          | `web`                                  |
 * | ---------------------------- | ------------------------ | -------------------------------------- |
 * | Content-Security-Policy      | nothing at all           | own files, and scripts with the nonce  |
 * | Strict-Transport-Security    | a year, with subdomains  | the same; not for localhost and IPs    |
 * | X-Content-Type-Options       | nosniff                  | nosniff                                |
 * | X-Frame-Options              | DENY                     | DENY                                   |
 * | Cross-Origin-Resource-Policy | same-origin              | same-origin                            |
 * | Cross-Origin-Opener-Policy   | same-origin              | same-origin                            |
 * | Referrer-Policy              | no-referrer              | strict-origin-when-cross-origin        |
 * | Permissions-Policy           | not sent                 | denies powerful features               |
 * | Origin-Agent-Cluster         | not sent                 | ?1                                     |
 * | Cache-Control                | no-store                 | not sent                               |
 * | X-Powered-By                 | removed                  | removed                                |
 *
 * In `web`, `res.locals.cspNonce` is the nonce of the response, made when it is first read:
 * `<script nonce="<%= cspNonce %>">`. `helmet()` may be mounted too; whoever comes later wins, and
 * no header is sent twice.
 *
 * @example
 * app.use(securityHeaders())
 * app.use('/pages', securityHeaders({ preset: 'web', cacheControl: 'private' }))
 *
 * @throws TypeError at construction, for an unknown option, directive or value.
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  const { fixed, transportSecurity, csp } = compileHeaders(optionCheck('securityHeaders'), options)
  const policy = csp && ([csp.name, csp.plain] as const)
  const noncePolicy = csp?.withNonce === undefined ? undefined : csp

  const guard: Middleware = function securityHeadersMiddleware(req, res, next) {
    res.removeHeader('X-Powered-By')
    for (const [name, value] of fixed) res.setHeader(name, value)
    if (transportSecurity !== undefined && isNamedHost(hostOf(req))) {
      res.setHeader(transportSecurity[0], transportSecurity[1])
    }
    if (policy !== undefined) keepPolicy(res, policy)
    if (noncePolicy !== undefined) offerNonce(res, noncePolicy)
    next()
  }
  return withFacts(guard, () => [{ kind: 'headers' }])
}

/** What Express keeps on a response for templates; other hosts get the same. */
type WithLocals = ServerResponse & { locals?: Record<string, unknown> }

/**
 * The nonce is made when a template asks for it, and only then does the policy name one: most
 * responses hold no script, and a policy without a nonce lets none run.
 */
function offerNonce(res: WithLocals, { name, plain, withNonce }: CompiledCsp): void {
  let nonce: string | undefined
  res.locals ??= {}
  Object.defineProperty(res.locals, 'cspNonce', {
    enumerable: true,
    configurable: true,
    get() {
      if (nonce === undefined) {
        nonce = createNonce()
        // A policy that somebody else put there since is theirs to keep.
        const ours = !res.headersSent && res.getHeader(name) === plain
        if (ours && withNonce !== undefined) res.setHeader(name, withNonce(nonce))
      }
      return nonce
    },
    // An app that makes its own, as helmet's manual shows, must not fail at the assignment.
    set(value: unknown) {
      Object.defineProperty(res.locals, 'cspNonce', { value, writable: true })
    },
  })
}

/** RFC 6797 §8.1.1: no address can be a known HSTS host; and localhost is shared by every project of a developer. */
function isNamedHost(host: string | undefined): boolean {
  const name = hostname(host)
  return name !== '' && isIP(name) === 0 && !isLoopbackHost(host)
}
