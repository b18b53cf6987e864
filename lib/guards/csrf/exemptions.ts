import type { IncomingMessage } from 'node:http'
import { atOnce } from '../../core/app-function.js'
import type { OptionCheck } from '../../core/options/option-check.js'

export type Exemption = string | ((req: IncomingMessage) => boolean)

export interface Exemptions {
  /** Which exemption a request falls under, in words for the event. */
  of(req: IncomingMessage): string | undefined
  /** What is wrong with a path that was surely meant for this request, if any is. */
  nearMiss(req: IncomingMessage): string | undefined
}

export function compileExemptions(
  check: OptionCheck,
  exempt: readonly Exemption[] | undefined,
): Exemptions {
  if (exempt !== undefined && !Array.isArray(exempt)) {
    check.refuse('exempt', 'be a list of paths and predicates', exempt)
  }
  const list: readonly Exemption[] = exempt ?? []
  const paths: string[] = []
  const predicates: ((req: IncomingMessage) => unknown)[] = []
  for (const item of list) {
    if (typeof item === 'function') predicates.push(item)
    else if (typeof item === 'string' && /^\/[^?#*:]*$/.test(item)) paths.push(item)
    else check.refuse('exempt', 'hold exact paths like "/hooks/pay", or predicates', item)
  }

  function pathFor(req: HostRequest, path: string): string | undefined {
    const spelling = spellingOf(req)
    const wanted = spelling(path)
    return paths.find((candidate) => spelling(candidate) === wanted)
  }

  return {
    of(req) {
      const path = paths.length > 0 ? pathFor(req, fullPath(req)) : undefined
      if (path !== undefined) return path
      // Only `true` exempts: a predicate that returns a promise would else exempt everything.
      return predicates.some((predicate) => atOnce(predicate(req)) === true)
        ? 'a predicate'
        : undefined
    },
    nearMiss(req) {
      const relative = pathFor(req, withoutQuery(req.url ?? ''))
      if (relative === undefined) return undefined
      return `"exempt" holds ${relative}, but takes paths as the client sends them: ${fullPath(req)}`
    },
  }
}

/** As much of an Express request as routing depends on. */
type HostRequest = IncomingMessage & {
  readonly originalUrl?: string
  readonly app?: { enabled?(setting: string): boolean }
}

/** `originalUrl`, because a router that is mounted at a path cuts that path off `url`. */
function fullPath(req: HostRequest): string {
  return withoutQuery(req.originalUrl ?? req.url ?? '')
}

function withoutQuery(url: string): string {
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}

/**
 * Brings paths that the host takes for one to one spelling: a request that reaches the handler of an
 * exempt path is exempt. Express ignores case and one final slash, unless its settings say otherwise;
 * of other hosts we do not know.
 */
function spellingOf({ app }: HostRequest): (path: string) => string {
  if (typeof app?.enabled !== 'function') return (path) => path
  const keepsCase = app.enabled('case sensitive routing')
  const keepsSlash = app.enabled('strict routing')
  return (path) => {
    const cased = keepsCase ? path : path.toLowerCase()
    return keepsSlash ? cased : cased.replace(/\/$/, '')
  }
}
