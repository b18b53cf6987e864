import type { IncomingMessage } from 'node:http'
import { optionCheck, type OptionCheck } from '../core/options/option-check.js'
import { isScopeToken, splitScope } from '../core/auth/scope.js'
import { isRecord } from '../core/values.js'
import { writeAnswer } from '../http/answer/refuse.js'
import { toResponse } from '../http/answer/to-response.js'
import { publicDocument, type PublicDocument } from '../http/answer/well-known.js'
import type { Middleware } from '../http/guard/middleware.js'
import { protectionOf, scopesOf } from '../http/guard/protection.js'
import type { Publication } from '../http/guard/publication.js'
import { isLoopbackHost } from '../http/request/host.js'
import type { IssuerStatus } from '../tokens/issuers/registry/registry.js'

/** A text, or one for each language: `{ en: 'Notes', it: 'Note' }` (RFC 9728 §2.1). */
export type Localized = string | Readonly<Record<string, string>>

export interface ProtectedResourceMetadataOptions {
  /**
   * The identifier of the API: an https URL without a fragment, sent byte for byte. It may differ from
   * `audience`. Loopback may be plain http.
   */
  readonly resource: string
  /** The name of the API, for people: a text, or one for each language, `{ en, it }`. @default none */
  readonly name?: Localized | undefined
  /** URL of a page for developers, or one for each language. @default none */
  readonly documentation?: Localized | undefined
  /** URL of the rules by which clients may use the data. @default none */
  readonly policyUri?: Localized | undefined
  /** URL of the terms of service. @default none */
  readonly tosUri?: Localized | undefined
  /**
   * Scopes that clients may ask for: names, and guards of `requireScope` and `requireAnyScope`, which
   * stand for theirs. @default none are told
   */
  readonly scopes?: readonly (string | Middleware)[] | undefined
  /** Scopes that a 401 names where the refusal names none: what to ask for at first. @default none */
  readonly challengeScopes?: string | readonly string[] | undefined
  /** Issuers to name. Give them where a resolver or a `verifier` of your own knows them. @default those of the guard, each by its first spelling; none of a resolver or a verifier of your own */
  readonly authorizationServers?: readonly string[] | undefined
  /** Types of authorization details (RFC 9396) that mean something here. @default none are told */
  readonly authorizationDetailsTypes?: readonly string[] | undefined
  /**
   * Answers at the root form too, for clients that look there alone. The one that is mounted first
   * answers there, of several resources at one host. @default true
   */
  readonly root?: boolean | undefined
}

/** A guard of `requireBearer` or `fetchGuard`. */
export interface TokenGuard {
  ready(): Promise<void>
  status(): readonly IssuerStatus[]
}

/** Serves the document. */
export interface ProtectedResourceMetadata extends Middleware {
  /** Where it is, as in the challenges. */
  readonly url: string
  /** For hosts that speak fetch: undefined for any other request. */
  respond(request: Request): Response | undefined
}

const GUARD = 'protectedResourceMetadata'
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

const OPTION_NAMES: readonly (keyof ProtectedResourceMetadataOptions)[] = [
  'resource',
  'name',
  'documentation',
  'policyUri',
  'tosUri',
  'scopes',
  'challengeScopes',
  'authorizationServers',
  'authorizationDetailsTypes',
  'root',
]

/**
 * Tells clients where to get tokens for this API: protected resource metadata (RFC 9728), made from
 * the guard. From then on each challenge of the guard, and of those behind it, names the document by
 * `resource_metadata`. Mount it anywhere: it answers its own paths alone, and the guard lets them pass.
 *
 * | request                                                | answer                             |
 * | ------------------------------------------------------ | ---------------------------------- |
 * | GET, HEAD of the document                              | 200 with `ETag`, or 304; any origin may read it |
 * | OPTIONS                                                | 204                                |
 * | another method                                         | 405 with `Allow`                   |
 * | another path                                           | handed on                          |
 *
 * @example
 * app.use(protectedResourceMetadata(bearer, { resource: 'https://api.example.com', name: 'Notes' }))
 *
 * @throws TypeError at construction, for a guard that has metadata already, a resource that is no https
 *   URL, or an unknown option.
 * @see RFC 9728 §2, §3 and §5.1
 */
export function protectedResourceMetadata(
  bearer: TokenGuard,
  options: ProtectedResourceMetadataOptions,
): ProtectedResourceMetadata {
  const check = optionCheck(GUARD)
  const protection = protectionOf(bearer)
  if (protection === undefined) {
    return check.refuse('bearer', 'be a guard of requireBearer or fetchGuard', bearer)
  }
  check.known(options, OPTION_NAMES)
  const { responder } = protection
  if (responder.publication !== undefined) {
    check.refuse('bearer', 'have no metadata yet: make a guard for each resource', bearer)
  }
  const { resource, url, target } = compileResource(check, options.resource)
  const { dpop, mtls = false } = protection
  const listed = (
    name: 'authorizationServers' | 'authorizationDetailsTypes',
  ): readonly string[] | undefined =>
    options[name] === undefined ? undefined : check.strings(name, options[name])
  const document = publicDocument(
    withoutEmpty({
      resource,
      authorization_servers: listed('authorizationServers') ?? protection.issuers,
      scopes_supported: scopeNames(check, options.scopes),
      bearer_methods_supported: ['header'],
      ...localized(check, 'resource_name', 'name', options.name),
      ...pages(check, options),
      authorization_details_types_supported: listed('authorizationDetailsTypes') ?? [],
      dpop_signing_alg_values_supported: dpop?.algorithms ?? [],
      ...(dpop?.required === true ? { dpop_bound_access_tokens_required: true } : {}),
      ...(mtls ? { tls_client_certificate_bound_access_tokens: true } : {}),
    }),
    check.boolean('root', options.root, true) ? [target, WELL_KNOWN] : [target],
  )
  const publication = createPublication(document, {
    challengeParameters: [['resource_metadata', url]],
    challengeScopes: scopeList(check, 'challengeScopes', options.challengeScopes ?? []),
  })
  responder.publish(publication)
  const middleware: Middleware = function resourceMetadataMiddleware(req, res, next) {
    if (!publication.serve(req, res)) next()
  }
  return Object.assign(middleware, {
    url,
    respond: (request: Request) => publication.respond(request),
  })
}

function createPublication(
  find: PublicDocument,
  told: Pick<Publication, 'challengeParameters' | 'challengeScopes'>,
): Publication {
  return {
    ...told,
    serve(req: IncomingMessage & { readonly originalUrl?: string }, res) {
      const { method = '', originalUrl, url = '', headers } = req
      // Behind a mount path, Express shortens `url`.
      const target = originalUrl ?? url
      const answer = find({ method, target, ifNoneMatch: headers['if-none-match'] })
      if (answer === undefined || res.headersSent) return false
      writeAnswer(req, res, answer)
      return true
    },
    respond({ method, url, headers }) {
      const ifNoneMatch = headers.get('if-none-match') ?? undefined
      const answer = find({ method, target: url, ifNoneMatch })
      return answer === undefined ? undefined : toResponse(answer, method, [])
    },
  }
}

/** RFC 9728 §3.1: the well-known part stands between host and path; a slash behind the host goes. */
function compileResource(
  check: OptionCheck,
  option: unknown,
): { readonly resource: string; readonly url: string; readonly target: string } {
  const resource = check.string('resource', option)
  const parts = /^(https?:\/\/([^/?#@\\]+))(\/[^?#]*)?(\?[^#]*)?$/i.exec(resource)
  const [, origin = '', host = '', path = '', query = ''] = parts ?? []
  const isSafe = /^https:/i.test(resource) || isLoopbackHost(host)
  // It stands in a header between quotes.
  if (parts === null || !isSafe || !/^[!#-[\]-~]+$/.test(resource) || !URL.canParse(resource)) {
    check.refuse('resource', 'be an https URL without a fragment', option)
  }
  const url = `${origin}${WELL_KNOWN}${path === '/' ? '' : path}${query}`
  const { pathname, search } = new URL(url)
  return { resource, url, target: pathname + search }
}

function pages(check: OptionCheck, options: ProtectedResourceMetadataOptions): object {
  const { documentation, policyUri, tosUri } = options
  for (const [name, page] of Object.entries({ documentation, policyUri, tosUri })) {
    for (const url of typeof page === 'string' ? [page] : Object.values(page ?? {})) {
      if (!/^https?:/i.test(url) || !URL.canParse(url)) check.refuse(name, 'be a URL', url)
    }
  }
  return {
    ...localized(check, 'resource_documentation', 'documentation', documentation),
    ...localized(check, 'resource_policy_uri', 'policyUri', policyUri),
    ...localized(check, 'resource_tos_uri', 'tosUri', tosUri),
  }
}

/** RFC 9728 §2.1: the language stands behind a `#` in the name of the member. */
function localized(check: OptionCheck, member: string, option: string, value: unknown): object {
  if (value === undefined) return {}
  if (!isRecord(value)) return { [member]: check.string(option, value) }
  const texts = Object.entries(value)
  return Object.fromEntries(
    texts.map(([tag, text]) => [`${member}#${tag}`, check.string(`${option}.${tag}`, text)]),
  )
}

function scopeNames(check: OptionCheck, option: unknown = []): readonly string[] {
  if (!Array.isArray(option)) check.refuse('scopes', 'be a list of scopes and guards', option)
  const items: readonly unknown[] = option
  const names = items.flatMap((item) => {
    if (typeof item !== 'function') return scopeList(check, 'scopes', item)
    return scopesOf(item) ?? check.refuse('scopes', 'hold guards of requireScope alone', item)
  })
  return [...new Set(names)]
}

function scopeList(check: OptionCheck, option: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length === 0) return []
  const names = check.strings(option, value).flatMap(splitScope)
  const bad = names.find((name) => !isScopeToken(name))
  if (bad !== undefined) check.refuse(option, 'be scopes like "notes:read"', bad)
  return names
}

/** RFC 9728 §3.2: lists without elements are left out. */
function withoutEmpty(document: Readonly<Record<string, unknown>>): object {
  const told = Object.entries(document).filter(
    ([, value]) => !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(told)
}
