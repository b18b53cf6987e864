import { isRecord, messageOf } from '../../core/values.js'
import type { Documents } from '../../keys/documents/documents.js'
import { adviceFor } from '../fetch-faults.js'
import { finding, type Finding } from '../finding.js'

/** What the metadata of a protected resource say (RFC 9728 §2). */
export interface ResourceDocument {
  readonly url: URL
  readonly members: Readonly<Record<string, unknown>>
}

const DEADLINE_MS = 2500

/** Path-inserted first, then at the root: the order in which clients look (RFC 9728 §3.1). */
function resourceUrls({ origin, pathname }: URL): readonly URL[] {
  const path = pathname === '/' ? '' : pathname
  const root = `${origin}/.well-known/oauth-protected-resource`
  return [...new Set([root + path, root])].map((url) => new URL(url))
}

/** Yields what it finds, and returns the document that a client would use. */
export async function* findResource(
  resource: URL,
  named: string | undefined,
  documents: Documents,
): AsyncGenerator<Finding, ResourceDocument | undefined> {
  const known = resourceUrls(resource)
  const first = named !== undefined && URL.canParse(named) ? [new URL(named)] : []
  if (named !== undefined && first.length === 0) {
    yield finding('resource', 'failed', 'resource_metadata is no URL', {
      cause: 'A path is written there, or a host without https://.',
      fix: `Write the whole URL: ${known[0]?.href}`,
    })
  }
  let found: ResourceDocument | undefined
  for (const url of unique([...first, ...known])) {
    const document = await documentAt(url, documents)
    if ('members' in document) found ??= document
    else yield missing(url, document.error, url.href === named)
  }
  return found
}

function unique(urls: readonly URL[]): readonly URL[] {
  return urls.filter((url, index) => urls.findIndex(({ href }) => href === url.href) === index)
}

async function documentAt(
  url: URL,
  documents: Documents,
): Promise<ResourceDocument | { readonly error: unknown }> {
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const fetched = await documents.fetch(url, signal, { jsonTypeOnly: true })
    const members = fetched.modified ? fetched.body : undefined
    return isRecord(members) ? { url, members } : { error: new Error('It is no JSON object') }
  } catch (error) {
    return { error }
  }
}

function missing(url: URL, error: unknown, isNamed: boolean): Finding {
  if (isNamed) {
    return finding('resource', 'failed', `Named by the challenge: ${messageOf(error)}`, {
      ...adviceFor(error),
      fix: `Serve the metadata at ${url.href}, without a guard before it.`,
    })
  }
  return finding('resource', 'warning', messageOf(error), {
    cause: 'The metadata are served at one of the places alone where clients look.',
    fix: `Serve them at ${url.pathname} too, for clients that read no challenge.`,
  })
}

/** The document against the URL that clients were given. */
export function* judgeResource(
  resource: string,
  { url, members }: ResourceDocument,
): Generator<Finding> {
  const { resource: named, scopes_supported: scopes, bearer_methods_supported: methods } = members
  yield named === resource
    ? finding('resource', 'ok', `${url.href} names ${resource}`)
    : otherResource(resource, named, url)
  if (serversOf(members).length === 0) {
    yield finding('resource', 'failed', 'It names no authorization_servers', {
      cause: 'The list is empty or missing: clients cannot know where to log in.',
      fix: 'List the issuer of the tokens in authorization_servers.',
    })
  }
  if (Array.isArray(methods) && !methods.includes('header')) {
    yield finding('resource', 'failed', 'bearer_methods_supported lacks "header"', {
      cause: 'MCP knows tokens in the Authorization header alone.',
      fix: 'Name "header", or leave the member out.',
    })
  }
  if (Array.isArray(scopes) && scopes.includes('offline_access')) {
    yield finding('resource', 'warning', 'scopes_supported has offline_access', {
      cause: 'Refresh tokens are an affair of client and authorization server.',
      fix: 'Leave it out, as revision 2026-07-28 says.',
    })
  }
}

export function serversOf(members: ResourceDocument['members']): readonly string[] {
  const { authorization_servers: servers } = members
  if (!Array.isArray(servers)) return []
  // A guard takes no issuer twice.
  return [...new Set(servers.filter((server): server is string => typeof server === 'string'))]
}

/** Compared byte for byte (RFC 9728 §3.3): a client must not use a document that names another. */
function otherResource(resource: string, named: unknown, url: URL): Finding {
  const got = typeof named === 'string' ? named : 'none'
  const detail = `${url.href} names the resource ${got}, and clients are given ${resource}`
  const whose = sdkTakes(resource, got)
    ? 'Clients on the MCP SDK take it, those that compare byte for byte do not (RFC 9728 §3.3).'
    : 'Clients on the MCP SDK end the login there, as do all that follow RFC 9728 §3.3.'
  return finding('resource', 'failed', detail, {
    cause: `${causeOf(resource, got)} ${whose}`,
    fix: `Set "resource" to ${resource}, byte for byte, or give clients the URL ${got}.`,
  })
}

/** As the SDK compares, in versions 1 and 2: the same origin, and a path above ours. */
function sdkTakes(resource: string, got: string): boolean {
  if (!URL.canParse(got)) return false
  const [asked, named] = [new URL(resource), new URL(got)]
  return (
    asked.origin === named.origin &&
    asked.pathname.length >= named.pathname.length &&
    asFolder(asked.pathname).startsWith(asFolder(named.pathname))
  )
}

function asFolder(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

function causeOf(resource: string, got: string): string {
  if (got === `${resource}/` || `${got}/` === resource) {
    return 'A slash too many or too few: URL.href adds one to a bare origin.'
  }
  if (got.replace(/^http:/, 'https:') === resource.replace(/^http:/, 'https:')) {
    return 'The scheme is that behind a proxy: the server makes the name from the request.'
  }
  return 'The name is made from the Host of the request, or is that of another environment.'
}
