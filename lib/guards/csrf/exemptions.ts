import type { IncomingMessage } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import type { OptionCheck } from '../../core/options.js'

export type Exemption = string | ((req: IncomingMessage) => boolean)

/** Which exemption a request falls under, in words for the event. */
export function compileExemptions(
  check: OptionCheck,
  exempt: readonly Exemption[] | undefined,
): (req: IncomingMessage) => string | undefined {
  if (exempt !== undefined && !Array.isArray(exempt)) {
    check.refuse('exempt', 'be a list of paths and predicates', exempt)
  }
  const list: readonly Exemption[] = exempt ?? []
  const paths = new Set<string>()
  const predicates: ((req: IncomingMessage) => unknown)[] = []
  for (const item of list) {
    if (typeof item === 'function') predicates.push(item)
    else if (typeof item === 'string' && /^\/[^?#*:]*$/.test(item)) paths.add(item)
    else check.refuse('exempt', 'hold exact paths like "/hooks/pay", or predicates', item)
  }
  return (req) => {
    if (paths.size > 0) {
      const path = pathOf(req)
      if (paths.has(path)) return path
    }
    // Only `true` exempts: a predicate that returns a promise would else exempt everything.
    return predicates.some((predicate) => atOnce(predicate(req)) === true)
      ? 'a predicate'
      : undefined
  }
}

/** `originalUrl`, because a router that is mounted at a path cuts that path off `url`. */
function pathOf(req: IncomingMessage & { readonly originalUrl?: string }): string {
  const url = req.originalUrl ?? req.url ?? ''
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}
