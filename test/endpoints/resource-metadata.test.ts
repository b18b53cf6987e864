import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../lib/core/options/option-check.js'
import {
  protectedResourceMetadata,
  type ProtectedResourceMetadata,
  type ProtectedResourceMetadataOptions,
} from '../../lib/endpoints/resource-metadata.js'
import { requireAnyScope, requireScope } from '../../lib/guards/grants/require-scope.js'
import { withProtection, type Protection } from '../../lib/http/guard/protection.js'
import { createResponder } from '../../lib/http/guard/responder.js'

const RESOURCE = 'https://api.test/notes'
const PATH = '/.well-known/oauth-protected-resource'

type Options = ProtectedResourceMetadataOptions
type Guard = Parameters<typeof protectedResourceMetadata>[0]

/** What a guard of requireBearer tells of itself, without one. */
function guard(protection: Partial<Protection> = {}): Guard & { readonly protection: Protection } {
  const responder = createResponder(optionCheck('requireBearer'), {})
  const whole = { issuers: ['https://id.test'], responder, ...protection }
  const bare = { ready: async () => undefined, status: () => [], protection: whole }
  return withProtection(bare, whole)
}

const create = (
  options: Partial<Options> = {},
  protection: Partial<Protection> = {},
): ProtectedResourceMetadata =>
  protectedResourceMetadata(guard(protection), { resource: RESOURCE, ...options })

async function documentOf(
  options: Partial<Options>,
  protection?: Partial<Protection>,
): Promise<unknown> {
  const metadata = create(options, protection)
  return metadata.respond(new Request(metadata.url))!.json()
}

describe('the document of a resource', () => {
  it.each<[string, Partial<Options>, Partial<Protection>, object]>([
    ['says the least where nothing is set', {}, {}, {}],
    [
      'names no issuers that are not known',
      {},
      { issuers: [] },
      { authorization_servers: undefined },
    ],
    [
      'names the issuers it is told to',
      { authorizationServers: ['https://other.test'] },
      {},
      { authorization_servers: ['https://other.test'] },
    ],
    ['has a name', { name: 'Notes' }, {}, { resource_name: 'Notes' }],
    [
      'has names by language',
      { name: { en: 'Notes', de: 'Notizen' } },
      {},
      { 'resource_name#en': 'Notes', 'resource_name#de': 'Notizen' },
    ],
    [
      'has pages for people',
      {
        documentation: 'https://d.test',
        policyUri: { en: 'http://p.test' },
        tosUri: 'https://t.test',
      },
      {},
      {
        resource_documentation: 'https://d.test',
        'resource_policy_uri#en': 'http://p.test',
        resource_tos_uri: 'https://t.test',
      },
    ],
    [
      'names scopes once, those of guards too',
      { scopes: ['read write', requireScope('write', 'admin'), requireAnyScope('read', 'all')] },
      {},
      { scopes_supported: ['read', 'write', 'admin', 'all'] },
    ],
    ['leaves out an empty list', { scopes: [] }, {}, {}],
    [
      'names types of authorization details',
      { authorizationDetailsTypes: ['payment'] },
      {},
      { authorization_details_types_supported: ['payment'] },
    ],
    [
      'tells of DPoP that is taken',
      {},
      { dpop: { algorithms: ['ES256'], required: false } },
      { dpop_signing_alg_values_supported: ['ES256'] },
    ],
    [
      'tells of DPoP that is required',
      {},
      { dpop: { algorithms: ['ES256'], required: true } },
      { dpop_signing_alg_values_supported: ['ES256'], dpop_bound_access_tokens_required: true },
    ],
    [
      'tells of certificates',
      {},
      { mtls: true },
      { tls_client_certificate_bound_access_tokens: true },
    ],
  ])('%s', async (_name, options, protection, expected) => {
    const least = {
      resource: RESOURCE,
      authorization_servers: ['https://id.test'],
      bearer_methods_supported: ['header'],
    }
    const wanted = JSON.parse(JSON.stringify({ ...least, ...expected })) as object
    expect(await documentOf(options, protection)).toEqual(wanted)
  })
})

describe('where it is', () => {
  it.each<[string, string, string]>([
    ['https://h.test', `https://h.test${PATH}`, PATH],
    ['https://h.test/', `https://h.test${PATH}`, PATH],
    ['https://h.test/api', `https://h.test${PATH}/api`, `${PATH}/api`],
    ['https://h.test/api/?a=1', `https://h.test${PATH}/api/?a=1`, `${PATH}/api/?a=1`],
    ['https://h.test?a=1', `https://h.test${PATH}?a=1`, `${PATH}?a=1`],
    ['HTTPS://H.test/api', `HTTPS://H.test${PATH}/api`, `${PATH}/api`],
    ['http://localhost:3000/api', `http://localhost:3000${PATH}/api`, `${PATH}/api`],
    ['http://127.0.0.1/', `http://127.0.0.1${PATH}`, PATH],
  ])('of %s', (resource, url, target) => {
    const metadata = create({ resource, root: false })
    expect(metadata.url).toBe(url)
    expect(metadata.respond(new Request(`https://any.test${target}`))?.status).toBe(200)
    expect(metadata.respond(new Request(`https://any.test${target}x`))).toBeUndefined()
  })

  it.each([
    ['http://api.test', '"resource" must be an https URL without a fragment'],
    ['https://api.test/#f', '"resource" must be an https URL without a fragment'],
    ['https://user@api.test', '"resource" must be an https URL without a fragment'],
    ['https://api.test/"', '"resource" must be an https URL without a fragment'],
    ['https://api.test\\x', '"resource" must be an https URL without a fragment'],
    ['https://api.test/a b', '"resource" must be an https URL without a fragment'],
    ['https://api.test:99999', '"resource" must be an https URL without a fragment'],
    ['xhttps://api.test', '"resource" must be an https URL without a fragment'],
    ['', '"resource" must be a non-empty string'],
  ])('refuses %j', (resource, complaint) => {
    expect(() => create({ resource })).toThrow(`protectedResourceMetadata: ${complaint}`)
  })

  it('is the root too, unless it is told not to', () => {
    const root = new Request(`https://api.test${PATH}`)
    expect(create().respond(root)?.status).toBe(200)
    expect(create({ root: false }).respond(root)).toBeUndefined()
  })
})

interface Asked {
  readonly method?: string
  readonly url: string
  readonly originalUrl?: string
  readonly headers?: Record<string, string>
}

/** What the middleware makes of a request; `next` where it is none of its own. */
function ask(metadata: ProtectedResourceMetadata, asked: Asked, sent = false): string {
  const req = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    headers: {},
    ...asked,
  })
  const res = new ServerResponse(req)
  if (sent) res.writeHead(200)
  const handedOn: unknown[] = []
  metadata(req, res, () => handedOn.push('next'))
  return handedOn.length > 0 ? 'next' : `${res.statusCode} ${res.writableEnded ? 'ended' : 'open'}`
}

describe('as a middleware', () => {
  it.each<[string, Asked, string]>([
    ['answers its own path', { url: `${PATH}/notes` }, '200 ended'],
    [
      'answers it behind a mount path',
      { url: '/notes', originalUrl: `${PATH}/notes` },
      '200 ended',
    ],
    [
      'answers a request that has no method',
      { url: `${PATH}/notes`, method: 'OPTIONS' },
      '204 ended',
    ],
    ['refuses another method', { url: `${PATH}/notes`, method: 'POST' }, '405 ended'],
    ['hands on another path', { url: '/notes' }, 'next'],
    ['hands on a path that Express has shortened to it', { url: PATH, originalUrl: '/x' }, 'next'],
  ])('%s', (_name, asked, expected) => {
    expect(ask(create(), asked)).toBe(expected)
  })

  it('answers 304 to who has it already', () => {
    const metadata = create()
    const etag = metadata.respond(new Request(metadata.url))!.headers.get('etag')!
    const known = { url: `${PATH}/notes`, headers: { 'if-none-match': etag } }
    expect(ask(metadata, known)).toBe('304 ended')
    const fetched = new Request(metadata.url, { headers: { 'if-none-match': etag } })
    expect(metadata.respond(fetched)!.status).toBe(304)
  })

  it('hands on what was answered already', () => {
    expect(ask(create(), { url: `${PATH}/notes` }, true)).toBe('next')
  })
})

describe('the guard', () => {
  it('names the document and the first scopes in its challenges from then on', () => {
    const bearer = guard()
    protectedResourceMetadata(bearer, { resource: RESOURCE, challengeScopes: ['a b', 'c'] })
    expect(bearer.protection.responder.publication).toMatchObject({
      challengeParameters: [['resource_metadata', `https://api.test${PATH}/notes`]],
      challengeScopes: ['a', 'b', 'c'],
    })
  })

  it('has metadata once', () => {
    const bearer = guard()
    protectedResourceMetadata(bearer, { resource: RESOURCE })
    expect(() => protectedResourceMetadata(bearer, { resource: RESOURCE })).toThrow(
      '"bearer" must have no metadata yet: make a guard for each resource',
    )
  })

  it('must be one over tokens', () => {
    expect(() => protectedResourceMetadata({} as never, { resource: RESOURCE })).toThrow(
      '"bearer" must be a guard of requireBearer or fetchGuard',
    )
  })
})

describe('an option', () => {
  it.each<[string, object, string]>([
    ['that is unknown', { scope: 'a' }, 'unknown option "scope"'],
    ['of a page that is no URL', { documentation: 'd.test' }, '"documentation" must be a URL'],
    ['of a page of another kind', { policyUri: 'ftp://p.test' }, '"policyUri" must be a URL'],
    ['of a page that cannot be read', { tosUri: 'https://' }, '"tosUri" must be a URL'],
    ['of a page in one language', { tosUri: { en: 'xhttp://t.test' } }, '"tosUri" must be a URL'],
    ['of a name that is empty', { name: '' }, '"name" must be a non-empty string'],
    ['of a name in one language', { name: { en: 7 } }, '"name.en" must be a non-empty string'],
    ['of scopes that are no list', { scopes: 'a' }, '"scopes" must be a list of scopes and guards'],
    [
      'of scopes with another function',
      { scopes: [() => 0] },
      '"scopes" must hold guards of requireScope alone',
    ],
    [
      'of a scope that cannot be one',
      { scopes: ['a"b'] },
      '"scopes" must be scopes like "notes:read"',
    ],
    [
      'of first scopes that cannot be',
      { challengeScopes: 'a\\b' },
      '"challengeScopes" must be scopes like "notes:read"',
    ],
    [
      'of issuers that are none',
      { authorizationServers: [7] },
      '"authorizationServers" must be a non-empty string',
    ],
    [
      'of types that are none',
      { authorizationDetailsTypes: [] },
      '"authorizationDetailsTypes" must be',
    ],
    ['of the root', { root: 'yes' }, '"root" must be true or false'],
  ])('is refused: %s', (_name, options, complaint) => {
    expect(() => create(options)).toThrow(`protectedResourceMetadata: ${complaint}`)
  })
})
