import { describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import * as audits from '../lib/audit.js'
import * as browser from '../lib/browser.js'
import * as fetchHosts from '../lib/fetch.js'
import * as mcp from '../lib/mcp.js'
import * as main from '../lib/index.js'
import * as metrics from '../lib/metrics.js'
import * as redis from '../lib/redis.js'
import * as signals from '../lib/signals.js'
import * as session from '../lib/session.js'
import * as issuers from '../lib/issuers.js'
import * as testing from '../lib/testing.js'
import { anchorsOf, missing, relativeLinksOf, section, tablesOf } from './support/markdown.js'

const README = readFileSync('README.md', 'utf8')
const EXPORTS = [main, redis, issuers, browser, fetchHosts, mcp, metrics, signals, audits].flatMap(
  (entry) => Object.keys(entry),
)

/** A name under test/, of a suite or of what suites share. */
const isTest = (name: string): boolean =>
  existsSync(`test/${name}.test.ts`) || existsSync(`test/${name}.ts`)

/** A page of docs/reference. */
function reference(page: string): string {
  return readFileSync(`docs/reference/${page}.md`, 'utf8')
}

function guide(page: string, heading: string): string {
  return section(readFileSync(`docs/${page}.md`, 'utf8'), heading)
}

/** Every interface of options that an app can write, and the page whose tables must name each of them. */
const OPTIONS: readonly (readonly [name: string, page: string])[] = [
  ['IssuerOptions', 'require-bearer'],
  ['ClaimOptions', 'require-bearer'],
  ['KeyCacheOptions', 'require-bearer'],
  ['NetworkOptions', 'require-bearer'],
  ['WeldedCheckOptions', 'require-bearer'],
  ['TokenHeaderOptions', 'require-bearer'],
  ['ResponderOptions', 'require-bearer'],
  ['BearerOptions', 'require-bearer'],
  ['OwnVerifierOptions', 'require-bearer'],
  ['FetchClient', 'fetch'],
  ['IntrospectionOptions', 'require-bearer'],
  ['ThrottleOptions', 'require-bearer'],
  ['GuardOptions', 'require-scope'],
  ['JtiBlocklistOptions', 'jti-blocklist'],
  ['LogoutOptions', 'logout'],
  ['BackChannelLogoutOptions', 'back-channel-logout'],
  ['LogoutTokenOptions', 'back-channel-logout'],
  ['CsrfGuardOptions', 'csrf-guard'],
  ['CsrfTokenOptions', 'csrf-guard'],
  ['SecurityHeadersOptions', 'security-headers'],
  ['StrictTransportSecurityOptions', 'security-headers'],
  ['SameOriginOptions', 'is-same-origin'],
  ['StrictCorsOptions', 'strict-cors'],
  ['ForwardableHeadersOptions', 'forwardable-headers'],
  ['TokenCookieOptions', 'token-cookie'],
  ['AuthRateLimitOptions', 'auth-rate-limit'],
  ['LifetimeOptions', 'memory-revocation-store'],
  ['LifetimeOptions', 'redis-revocation-store'],
  ['MemoryRevocationStoreOptions', 'memory-revocation-store'],
  ['RedisRevocationStoreOptions', 'redis-revocation-store'],
  ['AuthErrorOptions', 'auth-error'],
  ['StepUpOptions', 'require-step-up'],
  ['ProtectedResourceMetadataOptions', 'protected-resource-metadata'],
  ['ApiFetchOptions', 'api-fetch'],
  ['DpopOptions', 'proofs'],
  ['MtlsOptions', 'proofs'],
  ['ProofOptions', 'require-bearer'],
  ['MemoryReplayStoreOptions', 'proofs'],
  ['RedisReplayStoreOptions', 'proofs'],
  ['ClientCertHeaderOptions', 'proofs'],
  ['RefreshFamiliesOptions', 'refresh-families'],
  ['McpOptions', 'protect-mcp'],
  ['McpRuleOptions', 'protect-mcp'],
  ['PinoAuditOptions', 'metrics'],
  ['PrometheusMetricsOptions', 'metrics'],
  ['OtelMetricsOptions', 'metrics'],
  ['HealthOptions', 'metrics'],
  ['AnomalyRulesOptions', 'metrics'],
  ['AnomalyThresholds', 'metrics'],
  ['SenderOptions', 'signals'],
  ['SubjectOptions', 'signals'],
  ['SharedSignalsOptions', 'signals'],
  ['PollOptions', 'signals'],
  ['SignOutOptions', 'signals'],
  ['UniversalLogoutOptions', 'signals'],
  ['ScopedLogoutOptions', 'signals'],
  ['MemoryFamilyStoreOptions', 'refresh-families'],
  ['RedisFamilyStoreOptions', 'refresh-families'],
  ['TokenHandlerOptions', 'token-handler'],
  ['ExchangeOptions', 'exchange-for'],
  ['MemorySessionStoreOptions', 'token-handler'],
  ['RedisSessionStoreOptions', 'token-handler'],
  ...Object.keys(issuers).map((preset) => {
    const name = `${preset.charAt(0).toUpperCase()}${preset.slice(1)}Options`
    return [name, 'issuers'] as const
  }),
]

/** Written by the package, for factories to pass on. */
const NOT_FOR_APPS = ['FailFastOptions']

/** Taken in by another interface of the list, or a union of them. */
const MADE_OF_OTHERS = [
  'RequireBearerOptions',
  'CookieOptions',
  'PresetOptions',
  'McpMetadataOptions',
  'FetchGuardOptions',
  'VerifierOptions',
  'Fapi2Options',
  'ProtectMcpOptions',
  'McpVerifierOptions',
  'McpMetadataOptions',
]

const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`lib/${path}`, 'utf8'))
  .join('\n')

/** The members that an interface declares itself. */
function membersOf(name: string): string[] {
  // Those that exclude each other are declared together in `<Name>Fields`.
  const either = `(?:${name}|${name.replace(/Options$/, 'Fields')})`
  const body = new RegExp(`^export interface ${either}\\b[^{]*{\\n(.*?)^}`, 'ms').exec(sources)?.[1]
  const members = body?.matchAll(/^ {2}(?:readonly (\w+)\??:|(\w+)\()/gm) ?? []
  return [...members].map(([, property, method]) => property ?? method ?? '')
}

/** All documents that a reader meets, by their path. */
const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'examples/README.md',
]
  .concat(
    readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
  )
  .filter((path) => path.endsWith('.md'))

/** Whether a link of the document leads to a file, and to a heading of it. */
function resolves(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : join(dirname(document), path)
  // Files outside the repository are not there for a reader on the web.
  if (!existsSync(target) || relative('.', target).startsWith('..')) return false
  return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).has(anchor)
}

describe('README and docs', () => {
  it.each(EXPORTS)('list %s in the README, with a page of reference that names it', (name) => {
    const row = tablesOf(section(README, 'What it has'))
      .split('\n')
      .find((line) => missing([name], line).length === 0)
    const page = /\(docs\/reference\/([a-z-]+)\.md\)/.exec(row ?? '')?.[1]
    expect(page).toBeDefined()
    expect(missing([name], reference(page ?? ''))).toEqual([])
  })

  it.each(OPTIONS)('name every one of %s in a table of the page %s', (name, page) => {
    const members = membersOf(name)
    expect(members.length).toBeGreaterThan(0)
    expect(missing(members, tablesOf(reference(page)))).toEqual([])
  })

  it.each([
    ['KeyCacheOptions', 'keys', 'The numbers'],
    ['NetworkOptions', 'networks', 'The option `network`'],
    ['CsrfTokenOptions', 'browser', 'Modes'],
    ['SameOriginOptions', 'browser', 'Where to mount what'],
    ['ForwardableHeadersOptions', 'browser', 'Where to mount what'],
  ])('explain every one of %s in the guide %s, under "%s"', (name, page, heading) => {
    expect(missing(membersOf(name), guide(page, heading))).toEqual([])
  })

  it.each([
    ['Auth', 'auth-of'],
    ['BearerGuard', 'require-bearer'],
    ['RevocationStore', 'revocation-store'],
    ['RedisRevocationStore', 'redis-revocation-store'],
    ['RefreshFamilies', 'refresh-families'],
    ['McpProtection', 'protect-mcp'],
    ['TokenHandler', 'token-handler'],
  ])('name every member of %s in the page %s', (name, page) => {
    const members = membersOf(name)
    expect(members.length).toBeGreaterThan(0)
    expect(missing(members, reference(page))).toEqual([])
  })

  it.each(['TestIssuerOptions', 'TestIssuer', 'TestTokens', 'TestTransmitter'])(
    'name every member of %s in a table of the page on testing',
    (name) => {
      const members = membersOf(name)
      expect(members.length).toBeGreaterThan(0)
      const page = readFileSync('docs/testing.md', 'utf8')
      expect(missing(members, tablesOf(page))).toEqual([])
    },
  )

  it.each(Object.keys(testing))('name %s in the page on testing', (name) => {
    expect(missing([name], readFileSync('docs/testing.md', 'utf8'))).toEqual([])
  })

  it('are held to every interface of options there is', () => {
    const entries = [
      'index.ts',
      'browser.ts',
      'redis.ts',
      'fetch.ts',
      'session.ts',
      'client.ts',
      'mcp.ts',
      'metrics.ts',
      'signals.ts',
    ]
    const exported = entries.flatMap(
      (path) => readFileSync(`lib/${path}`, 'utf8').match(/\b\w+Options\b/g) ?? [],
    )
    const known = [...OPTIONS.map(([name]) => name), ...NOT_FOR_APPS, ...MADE_OF_OTHERS]
    expect(exported.filter((name) => !known.includes(name))).toEqual([])
  })

  it('list every event', () => {
    const events = readFileSync('lib/core/events/auth-event.ts', 'utf8').matchAll(
      /readonly name: '([a-z.]+)'/g,
    )
    const names = [...events].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(10)
    expect(missing(names, tablesOf(reference('events')))).toEqual([])
  })

  it('list every page in docs/README.md', () => {
    const pages = DOCUMENTS.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
    const links = relativeLinksOf(readFileSync('docs/README.md', 'utf8'))
    expect(pages.filter((path) => !links.includes(relative('docs', path)))).toEqual([])
  })

  it.each(DOCUMENTS)('have no broken link in %s', (document) => {
    const links = relativeLinksOf(readFileSync(document, 'utf8'))
    expect(links.filter((link) => !resolves(document, link))).toEqual([])
  })

  it('change in each recipe lines that the first app of the README has', () => {
    const [, app = ''] = /^```ts\n(.*?)^```/ms.exec(README) ?? []
    const diffs = readFileSync('docs/recipes.md', 'utf8').matchAll(/^```diff\n(.*?)^```/gms)
    const lines = [...diffs].flatMap(([, diff = '']) => diff.match(/(?<=^[- ]).+$/gm) ?? [])
    expect(lines.length).toBeGreaterThan(10)
    const known = app.split('\n')
    expect(lines.filter((line) => line !== '…' && !known.includes(line))).toEqual([])
  })

  it('keep the README short: all the rest has a page in docs', () => {
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(195)
  })

  it('list every example', () => {
    const examples = readdirSync('examples').filter((name) => /^\d\d-.*\.ts$/.test(name))
    const list = readFileSync('examples/README.md', 'utf8')
    expect(examples.filter((name) => !list.includes(`[${name}](${name})`))).toEqual([])
  })

  it('name a test that is there for each guarantee of SECURITY.md', () => {
    const guarantees = section(readFileSync('SECURITY.md', 'utf8'), 'What is guaranteed')
    const named = [...guarantees.matchAll(/`([\w./-]+)` +\|$/gm)].map(([, test = '']) => test)
    expect(named).toHaveLength(tablesOf(guarantees).split('\n').length - 2)
    expect(named.filter((test) => !isTest(test))).toEqual([])
  })

  it('tell in the CHANGELOG of everything that is exported to apps', () => {
    const names = [
      main,
      redis,
      browser,
      fetchHosts,
      session,
      mcp,
      metrics,
      signals,
      audits,
    ].flatMap((entry) => Object.keys(entry))
    const guards = names.filter((name) => /^[a-z]/.test(name))
    expect(missing(guards, readFileSync('CHANGELOG.md', 'utf8'))).toEqual([])
  })
})
