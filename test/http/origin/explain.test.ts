import { describe, expect, it } from '@jest/globals'
import { explainRefusal } from '../../../lib/http/origin/explain.js'
import {
  judgeOrigin,
  judgeRead,
  type OriginFacts,
  type OriginPolicy,
} from '../../../lib/http/origin/judge-origin.js'

const FACTS: OriginFacts = {
  method: 'POST',
  originalMethod: undefined,
  secFetchSite: undefined,
  secFetchMode: undefined,
  secFetchDest: undefined,
  origin: undefined,
  host: 'api.test',
  ambient: true,
  customHeader: false,
}
const POLICY: OriginPolicy = {
  own: new Set(),
  trusted: new Set(),
  refuseUserNavigation: true,
}
const LOGIN = 'https://login.example.net'
const FOREIGN = { secFetchSite: 'cross-site', origin: LOGIN }
const FORM = { ...FOREIGN, secFetchMode: 'navigate', secFetchDest: 'document' }

function explained(changes: Partial<OriginFacts>, exempts = true): string {
  const facts = { ...FACTS, ...changes }
  const refusal = (facts.method === 'GET' ? judgeRead : judgeOrigin)(facts, POLICY)
  return refusal === undefined
    ? 'not refused'
    : explainRefusal(refusal, facts, { headerName: 'x-own', exempts })
}

describe('explainRefusal', () => {
  it.each<[string, Partial<OriginFacts>, readonly RegExp[], readonly RegExp[]]>([
    ['a fetch of a front end', FOREIGN, [/add it to "trustedOrigins"/], [/exempt|isolateReads/]],
    [
      'a form of an identity provider',
      FORM,
      [/form_post.*"exempt".*"trustedOrigins"/],
      [/isolateReads/],
    ],
    [
      'a form whose origin is hidden',
      { ...FORM, origin: 'null' },
      [/Origin is null.*"exempt"/],
      [/trustedOrigins/],
    ],
    ['a form without one', { ...FORM, origin: undefined }, [/"exempt"/], [/trustedOrigins/]],
    [
      'a fetch of a sandboxed frame',
      { ...FOREIGN, origin: 'null' },
      [/sandboxed/],
      [/trustedOrigins/],
    ],
    ['a post without Origin', { secFetchSite: 'cross-site' }, [/No browser/], [/trustedOrigins/]],
    ['an odd Sec-Fetch-Site', { secFetchSite: 'odd' }, [/No browser/], [/trustedOrigins/]],
    ['a user who types', { secFetchSite: 'none' }, [/"refuseUserNavigation"/], [/trustedOrigins/]],
    [
      'an image',
      { method: 'GET', secFetchSite: 'cross-site', secFetchMode: 'no-cors', secFetchDest: 'image' },
      [/\(image\).*crossorigin.*"isolateReads: false"/],
      [/exempt/],
    ],
    [
      'a frame',
      { ...FORM, method: 'GET', secFetchDest: 'iframe', origin: undefined },
      [/\(iframe\).*"isolateReads: false"/],
      [/trustedOrigins|crossorigin/],
    ],
    [
      'a read by CORS',
      { ...FOREIGN, method: 'GET', secFetchMode: 'cors' },
      [/add it to "trustedOrigins"/],
      [/exempt/],
    ],
    [
      'an old browser behind a proxy',
      { origin: 'https://app.test' },
      [/Host is api.test.*set "origin".*"trustedOrigins"/],
      [/exempt/],
    ],
    ['an SDK that keeps cookies', {}, [/custom header x-own/], [/trustedOrigins|x-csrf/]],
  ])('names what can help: %s', (_name, facts, named, unnamed) => {
    const text = explained(facts)
    for (const pattern of named) expect(text).toMatch(pattern)
    for (const pattern of unnamed) expect(text).not.toMatch(pattern)
  })

  it('names no option that the guard does not have', () => {
    expect(explained(FORM, false)).toMatch(/mount its route before this guard/)
    expect(explained(FORM, false)).not.toContain('exempt')
  })
})
