import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import {
  compileOrigins,
  judgeOrigin,
  judgeRead,
  type OriginFacts,
  type OriginPolicy,
} from '../../../lib/http/origin/judge-origin.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const HOST = 'bank.example'
const OWN = 'https://bank.example'
const TRUSTED = 'https://app.example'
const EVIL = 'https://evil.example'

const byHost: OriginPolicy = {
  own: new Set(),
  trusted: new Set([TRUSTED]),
  refuseUserNavigation: false,
}
const byName: OriginPolicy = { ...byHost, own: new Set([OWN]) }
const strict: OriginPolicy = { ...byHost, refuseUserNavigation: true }

/** A POST by a browser with a cookie, but for the changes. */
function post(changes: Partial<OriginFacts> = {}): OriginFacts {
  return {
    method: 'POST',
    originalMethod: undefined,
    secFetchSite: undefined,
    secFetchMode: undefined,
    secFetchDest: undefined,
    origin: undefined,
    host: HOST,
    ambient: true,
    customHeader: false,
    ...changes,
  }
}

// prettier-ignore
const CASES: readonly (readonly [string, Partial<OriginFacts>, OriginPolicy, string | undefined])[] = [
  ['a form on a no-referrer page of our own', { secFetchSite: 'same-origin', origin: 'null' }, byHost, undefined],
  ['a trusted page of another site', { secFetchSite: 'cross-site', origin: TRUSTED }, byHost, undefined],
  ['a trusted page of a sibling subdomain', { secFetchSite: 'same-site', origin: TRUSTED }, byHost, undefined],
  ['our own name where the browser says cross-site', { secFetchSite: 'cross-site', origin: OWN }, byName, 'csrf_cross_site'],
  ['a 307 bounce or a sandboxed frame', { secFetchSite: 'cross-site', origin: 'null' }, byHost, 'csrf_cross_site'],
  ['a foreign page that sends no Origin', { secFetchSite: 'cross-site' }, byHost, 'csrf_cross_site'],
  ['strict mode, by the user', { secFetchSite: 'none' }, strict, 'csrf_cross_site'],
  ['strict mode, the same origin', { secFetchSite: 'same-origin', origin: OWN }, strict, undefined],
  ['no Fetch Metadata, our own Origin by Host (FM-03, FM-04)', { origin: OWN }, byHost, undefined],
  ['plain http, our own Origin by Host (FM-04)', { origin: 'http://bank.example' }, byHost, undefined],
  ['no Fetch Metadata, a trusted Origin', { origin: TRUSTED }, byHost, undefined],
  ['no Fetch Metadata, a foreign Origin (FM-03)', { origin: EVIL }, byHost, 'csrf_origin_mismatch'],
  ['no Fetch Metadata, an opaque Origin (FM-03)', { origin: 'null' }, byHost, 'csrf_origin_mismatch'],
  ['an empty Origin', { origin: '' }, byHost, 'csrf_origin_mismatch'],
  ['an opaque Origin and a Host of that name', { origin: 'null', host: 'null' }, byHost, 'csrf_origin_mismatch'],
  ['no Host at all', { origin: 'https://', host: undefined }, byHost, 'csrf_origin_mismatch'],
  ['no Host, and an Origin of that name', { origin: 'https://undefined', host: undefined }, byHost, 'csrf_origin_mismatch'],
  ['an empty Host', { origin: 'https://', host: '' }, byHost, 'csrf_origin_mismatch'],
  ['a configured origin, and another Host that agrees with Origin', { origin: EVIL, host: 'evil.example' }, byName, 'csrf_origin_mismatch'],
  ['a configured origin behind a proxy that rewrote Host', { origin: OWN, host: '10.0.0.7:3000' }, byName, undefined],
  ['the wrong scheme', { origin: 'http://bank.example' }, byName, 'csrf_origin_mismatch'],
  ['the wrong scheme of a trusted origin', { origin: 'http://app.example' }, byHost, 'csrf_origin_mismatch'],
  ['a trusted name as a prefix', { origin: 'https://app.example.evil.test' }, byHost, 'csrf_origin_mismatch'],
  ['a trusted name as user info', { origin: 'https://app.example@evil.test' }, byHost, 'csrf_origin_mismatch'],
  ['another port', { origin: 'https://bank.example:444' }, byHost, 'csrf_origin_mismatch'],
  ['upper case', { origin: 'https://BANK.example' }, byHost, 'csrf_origin_mismatch'],
  ['a trailing dot', { origin: 'https://bank.example.' }, byHost, 'csrf_origin_mismatch'],
  ['two Origin headers, joined', { origin: `${OWN}, ${EVIL}` }, byHost, 'csrf_origin_mismatch'],
  ['an unknown Sec-Fetch-Site and our own Origin (FM-01)', { secFetchSite: 'foo', origin: OWN }, byHost, undefined],
  ['an unknown Sec-Fetch-Site and no Origin (FM-01)', { secFetchSite: 'foo', ambient: false }, byHost, 'csrf_origin_mismatch'],
  ['two Sec-Fetch-Site headers, joined', { secFetchSite: 'same-origin, cross-site', origin: EVIL }, byHost, 'csrf_origin_mismatch'],
  ['an empty Sec-Fetch-Site', { secFetchSite: '' }, byHost, 'csrf_origin_mismatch'],
  ['upper case in Sec-Fetch-Site', { secFetchSite: 'Same-Origin' }, byHost, 'csrf_origin_mismatch'],
  ['neither header and a cookie (FM-03)', {}, byHost, 'csrf_origin_missing'],
  ['neither header and no cookie: a script', { ambient: false }, byHost, undefined],
  ['neither header, a cookie, the custom header', { customHeader: true }, byHost, undefined],
  ['the custom header does not help a foreign page', { customHeader: true, secFetchSite: 'cross-site' }, byHost, 'csrf_cross_site'],
  ['the custom header does not help a foreign Origin', { customHeader: true, origin: EVIL }, byHost, 'csrf_origin_mismatch'],
]

describe('judgeOrigin', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'lets %s pass from the same origin and by the user, and refuses foreign pages (FM-02)',
    (method) => {
      const verdictOf = (secFetchSite: string): unknown =>
        judgeOrigin(post({ method, secFetchSite, origin: EVIL }), byHost)
      expect(verdictOf('same-origin')).toBeUndefined()
      expect(verdictOf('none')).toBeUndefined()
      expect(verdictOf('same-site')).toBe('csrf_cross_site')
      expect(verdictOf('cross-site')).toBe('csrf_cross_site')
    },
  )

  it.each(['GET', 'HEAD', 'OPTIONS'])('never judges %s (FM-08)', (method) => {
    expect(judgeOrigin(post({ method, secFetchSite: 'cross-site' }), byHost)).toBeUndefined()
  })

  it.each(['TRACE', 'QUERY', 'PROPFIND', 'CONNECT', 'get', ''])('judges %p like POST', (method) => {
    const facts = post({ method, secFetchSite: 'cross-site' })
    expect(judgeOrigin(facts, byHost)).toBe('csrf_cross_site')
  })

  it.each([
    ['GET', 'POST'],
    ['GET', 'QUERY'],
    ['POST', 'GET'],
  ])('judges %s that was sent as %s: an override is no way around (FM-08)', (method, original) => {
    const facts = post({ method, originalMethod: original, secFetchSite: 'cross-site' })
    expect(judgeOrigin(facts, byHost)).toBe('csrf_cross_site')
  })

  it.each(CASES)('%s', (_name, changes, policy, expected) => {
    expect(judgeOrigin(post(changes), policy)).toBe(expected)
  })

  it('agrees with a second implementation on every combination', () => {
    const rows = METHODS.flatMap((method) =>
      SITES.flatMap((secFetchSite) =>
        ORIGINS.flatMap((origin) =>
          FLAGS.map((flags) => post({ method, secFetchSite, origin, ...flags })),
        ),
      ),
    )
    for (const facts of rows) {
      for (const policy of [byHost, byName, strict]) {
        const verdict = judgeOrigin(facts, policy)
        expect({ facts, verdict }).toEqual({ facts, verdict: oracle(facts, policy) })
      }
    }
    expect(rows.length).toBeGreaterThan(500)
  })

  it('agrees with it on whatever else may come', () => {
    const text = fc.option(fc.string(), { nil: undefined })
    const anything = fc.record({
      method: fc.oneof(fc.constantFrom(...METHODS), fc.string()),
      originalMethod: fc.option(fc.constantFrom(...METHODS), { nil: undefined }),
      secFetchSite: fc.oneof(fc.constantFrom(...SITES), text),
      secFetchMode: text,
      secFetchDest: text,
      origin: fc.oneof(fc.constantFrom(...ORIGINS), text),
      host: fc.oneof(fc.constant(HOST), text),
      ambient: fc.boolean(),
      customHeader: fc.boolean(),
    })
    fc.assert(
      fc.property(anything, fc.constantFrom(byHost, byName, strict), (facts, policy) => {
        expect(judgeOrigin(facts, policy)).toBe(oracle(facts, policy))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('never lets a foreign page through, whatever else the request has', () => {
    fc.assert(
      fc.property(
        fc.record({
          method: fc.string().filter((text) => !['GET', 'HEAD', 'OPTIONS'].includes(text)),
          originalMethod: fc.option(fc.constantFrom('GET', 'POST'), { nil: undefined }),
          secFetchSite: fc.constantFrom('cross-site', 'same-site'),
          secFetchMode: fc.option(fc.constantFrom('navigate', 'cors'), { nil: undefined }),
          secFetchDest: fc.option(fc.constantFrom('document', 'empty'), { nil: undefined }),
          origin: fc.option(fc.oneof(fc.webUrl(), fc.string(), fc.constant(OWN)), {
            nil: undefined,
          }),
          host: fc.option(fc.oneof(fc.domain(), fc.string()), { nil: undefined }),
          ambient: fc.boolean(),
          customHeader: fc.boolean(),
        }),
        (facts) => {
          fc.pre(facts.origin !== TRUSTED)
          expect(judgeOrigin(facts, byHost)).toBe('csrf_cross_site')
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('never lets an Origin through that is not, letter by letter, ours or trusted', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.webAuthority()), (origin) => {
        fc.pre(![OWN, TRUSTED].includes(origin))
        expect(judgeOrigin(post({ origin }), byName)).toBe('csrf_origin_mismatch')
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

function read(changes: Partial<OriginFacts>): unknown {
  return judgeRead(post({ method: 'GET', secFetchSite: 'cross-site', ...changes }), byHost)
}

describe('judgeRead', () => {
  it('lets a foreign page link to us', () => {
    expect(read({ secFetchMode: 'navigate', secFetchDest: 'document' })).toBeUndefined()
  })

  it.each([
    ['an image', 'no-cors', 'image'],
    ['a script', 'no-cors', 'script'],
    ['a fetch', 'cors', 'empty'],
    ['a frame', 'navigate', 'iframe'],
    ['a document that it does not navigate to', 'cors', 'document'],
    ['a fenced frame', 'navigate', 'fencedframe'],
    ['an object', 'navigate', 'object'],
    ['an embed', 'navigate', 'embed'],
    ['a WebSocket', 'websocket', 'websocket'],
    ['something that tells nothing', undefined, undefined],
  ])('refuses %s of a foreign page', (_name, secFetchMode, secFetchDest) => {
    expect(read({ secFetchMode, secFetchDest })).toBe('csrf_cross_site')
    expect(read({ secFetchMode, secFetchDest, secFetchSite: 'same-site' })).toBe('csrf_cross_site')
    expect(read({ secFetchMode, secFetchDest, origin: TRUSTED })).toBeUndefined()
    expect(read({ secFetchMode, secFetchDest, secFetchSite: 'same-origin' })).toBeUndefined()
    expect(read({ secFetchMode, secFetchDest, secFetchSite: undefined })).toBeUndefined()
  })
})

describe('compileOrigins', () => {
  const check = optionCheck('csrfGuard')

  it.each([
    'https://app.example/',
    'https://APP.example',
    'https://app.example/path',
    'https://app.example:443',
    'https://*.example',
    'https://app-*.example',
    'app.example',
    'null',
    '*',
    '',
    'file:///etc',
    'https://user@app.example',
    'javascript:alert(1)',
    'file://',
    'file://localhost',
    'file://server',
    'ftp://app.example',
    'ws://app.example',
    'wss://app.example',
    ' https://app.example',
    'http://app.example:80',
    'Capacitor://localhost',
    'capacitor://localhost/',
    'capacitor://localhost?a',
    'capacitor://user@localhost',
    'chrome-extension://*',
    'capacitor://',
    'app:/local',
  ])('refuses %p at construction', (origin) => {
    expect(() => compileOrigins(check, 'trustedOrigins', [origin])).toThrow(
      /^csrfGuard: "trustedOrigins" must/,
    )
  })

  it('takes none for none', () => {
    expect(compileOrigins(check, 'trustedOrigins', [])).toEqual(new Set())
    expect(compileOrigins(check, 'trustedOrigins', undefined)).toEqual(new Set())
  })

  it('takes origins as browsers spell them', () => {
    const origins = [
      'https://app.example',
      'http://localhost:5173',
      'http://[::1]:3000',
      'capacitor://localhost',
      'ionic://localhost',
      'tauri://localhost',
      'app://obsidian.md',
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
    ]
    expect([...compileOrigins(check, 'trustedOrigins', origins)]).toEqual(origins)
  })
})

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE', 'QUERY']
const SITES = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'foo', '']
const ORIGINS = [undefined, OWN, 'http://bank.example', TRUSTED, EVIL, 'null', `${OWN}:444`]
const FLAGS: readonly Partial<OriginFacts>[] = [
  { ambient: false },
  { ambient: true },
  { ambient: true, customHeader: true },
  { originalMethod: 'GET' },
  { originalMethod: 'POST' },
]

/** The rule once more, as a list of what passes: everything else is refused. */
function oracle(
  facts: OriginFacts,
  { own, trusted, refuseUserNavigation: isStrict }: OriginPolicy,
): unknown {
  const { secFetchSite: site, origin } = facts
  const safe = /^(GET|HEAD|OPTIONS)$/
  const named = own.size > 0 ? [...own] : [`http://${facts.host}`, `https://${facts.host}`]
  const verdicts: [boolean, string | undefined][] = [
    [safe.test(facts.method) && safe.test(facts.originalMethod ?? facts.method), undefined],
    [site === 'same-origin', undefined],
    [site === 'none' && !isStrict, undefined],
    [trusted.has(String(origin)), undefined],
    [['cross-site', 'same-site', 'none'].includes(String(site)), 'csrf_cross_site'],
    [named.includes(String(origin)), undefined],
    [origin !== undefined || site !== undefined, 'csrf_origin_mismatch'],
    [!facts.ambient || facts.customHeader, undefined],
  ]
  const first = verdicts.find(([applies]) => applies)
  return first === undefined ? 'csrf_origin_missing' : first[1]
}
