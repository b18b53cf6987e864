import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import * as browser from '../lib/browser/index.js'
import * as main from '../lib/index.js'
import * as redis from '../lib/revocation/redis/index.js'
import * as issuers from '../lib/tokens/presets/index.js'

const README = readFileSync('README.md', 'utf8')
const GUIDES = ['docs/browser.md', 'docs/revocation.md', 'docs/keys.md'].map((path) =>
  readFileSync(path, 'utf8'),
)
const BROWSER = GUIDES[0] ?? ''
const REVOCATION = GUIDES[1] ?? ''
const KEYS = GUIDES[2] ?? ''

/** Every interface of options that an app can write, and the section that must name each of them. */
const OPTIONS: readonly (readonly [name: string, document: string, heading: string])[] = [
  ['IssuerOptions', README, 'requireBearer(options)'],
  ['KeyCacheOptions', README, 'requireBearer(options)'],
  ['KeyCacheOptions', KEYS, 'The numbers'],
  ['CookieOptions', README, 'requireBearer(options)'],
  ['MannerOptions', README, 'requireBearer(options)'],
  ['BearerOptions', README, 'requireBearer(options)'],
  ['ThrottleOptions', README, 'requireBearer(options)'],
  ['GuardOptions', README, 'requireScope(scopes), and its kin'],
  ['JtiBlocklistOptions', README, 'jtiBlocklist(store, options?)'],
  ['LogoutOptions', README, 'logout(store, options?)'],
  ['BackChannelLogoutOptions', README, 'backChannelLogout(store, options)'],
  ['LogoutTokenOptions', README, 'backChannelLogout(store, options)'],
  ['CsrfGuardOptions', README, 'csrfGuard(options?)'],
  ['CsrfTokenOptions', BROWSER, 'Modes'],
  ['SecurityHeadersOptions', README, 'securityHeaders(options?)'],
  ['StrictTransportSecurityOptions', README, 'securityHeaders(options?)'],
  ['SameOriginOptions', BROWSER, 'Where to mount what'],
  ['StrictCorsOptions', BROWSER, 'Where to mount what'],
  ['ForwardableHeadersOptions', BROWSER, 'Where to mount what'],
  ['TokenCookieOptions', BROWSER, 'The token cookie'],
  ['AuthRateLimitOptions', BROWSER, 'Rate limits'],
  ['LifetimeOptions', REVOCATION, 'Options'],
  ['MemoryRevocationStoreOptions', REVOCATION, 'Options'],
  ['RedisRevocationStoreOptions', REVOCATION, 'Options'],
  ['AuthErrorOptions', README, 'Recipes'],
  ...Object.keys(issuers).map((preset) => {
    const name = `${preset.charAt(0).toUpperCase()}${preset.slice(1)}Options`
    return [name, README, 'requireBearer(options)'] as const
  }),
]

/** Written by the package, for factories to pass on. */
const NOT_FOR_APPS = ['FailFastOptions']

/** Taken in by another interface of the list, or a union of them. */
const MADE_OF_OTHERS = ['RequireBearerOptions', 'PresetOptions']

const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`lib/${path}`, 'utf8'))
  .join('\n')

/** The members that an interface declares itself. */
function membersOf(name: string): string[] {
  const body = new RegExp(`^export interface ${name}\\b[^{]*{\\n(.*?)^}`, 'ms').exec(sources)?.[1]
  const members = body?.matchAll(/^ {2}readonly (\w+)\??:/gm) ?? []
  return [...members].map(([, member = '']) => member)
}

/** A section with its subsections: from the heading to the next one of its level or above. */
function section(document: string, heading: string): string {
  const lines = document.split('\n')
  const start = lines.findIndex((line) => /^#{2,3} /.test(line) && line.endsWith(` ${heading}`))
  const level = lines[start]?.indexOf(' ') ?? 0
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line))
  return start === -1 ? '' : rest.slice(0, end === -1 ? rest.length : end).join('\n')
}

/** What stands in backticks or in a block of code: the same word in prose, or as a value, does not count. */
function codeOf(text: string): string {
  const code = text.match(/^```.*?^```|`[^`\n]+`/gms) ?? []
  return code.join('\n')
}

function missing(names: readonly string[], text: string): string[] {
  const code = codeOf(text)
  return names.filter((name) => !new RegExp(`(?<![\\w.'])${name}(?![\\w'])`).test(code))
}

describe('README and docs', () => {
  it.each([
    ['express-resource-server', Object.keys(main)],
    ['express-resource-server/redis', Object.keys(redis)],
    ['express-resource-server/issuers', Object.keys(issuers)],
    ['express-resource-server/browser', Object.keys(browser)],
  ])('name everything that %s exports', (_entry, names) => {
    expect(names.length).toBeGreaterThan(0)
    expect(missing(names, [README, ...GUIDES].join('\n'))).toEqual([])
  })

  it.each(OPTIONS)('name every one of %s in its section', (name, document, heading) => {
    const members = membersOf(name)
    expect(members.length).toBeGreaterThan(0)
    expect(missing(members, section(document, heading))).toEqual([])
  })

  it('are held to every interface of options there is', () => {
    const entries = ['index.ts', 'browser/index.ts', 'revocation/redis/index.ts']
    const exported = entries.flatMap(
      (path) => readFileSync(`lib/${path}`, 'utf8').match(/\b\w+Options\b/g) ?? [],
    )
    const known = [...OPTIONS.map(([name]) => name), ...NOT_FOR_APPS, ...MADE_OF_OTHERS]
    expect(exported.filter((name) => !known.includes(name))).toEqual([])
  })

  it('list every event', () => {
    const events = readFileSync('lib/core/events.ts', 'utf8').matchAll(
      /readonly name: '([a-z.]+)'/g,
    )
    const names = [...events].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(10)
    expect(missing(names, section(README, 'Events'))).toEqual([])
  })

  it('list every example', () => {
    const examples = readdirSync('examples').filter((name) => /^\d\d-.*\.ts$/.test(name))
    const list = readFileSync('examples/README.md', 'utf8')
    expect(examples.filter((name) => !list.includes(`[${name}](${name})`))).toEqual([])
  })

  it('tell in the CHANGELOG of everything that is exported to apps', () => {
    const names = [main, redis, browser].flatMap((entry) => Object.keys(entry))
    const guards = names.filter((name) => /^[a-z]/.test(name))
    expect(missing(guards, readFileSync('CHANGELOG.md', 'utf8'))).toEqual([])
  })
})
