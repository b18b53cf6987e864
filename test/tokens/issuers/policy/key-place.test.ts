import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  locationOf,
  metadataOf,
  placeNameOf,
  placeOf,
} from '../../../../lib/tokens/issuers/policy/key-place.js'
import type { IssuerFields } from '../../../../lib/tokens/issuers/policy/options.js'

const ISSUER = 'https://id.test/tenant'
const KEYS = 'https://keys.test/jwks'
const METADATA = 'https://meta.test/document'
const check = optionCheck('requireBearer')
const of = (options: Partial<IssuerFields>): IssuerFields => ({
  issuer: ISSUER,
  audience: 'a',
  ...options,
})

const hrefs = (urls: readonly URL[]): readonly string[] => urls.map(({ href }) => href)

describe('the place of keys', () => {
  it.each<[string, Partial<IssuerFields>, string]>([
    ['issuer', {}, ISSUER],
    ['discoveryUrl', { discoveryUrl: METADATA }, METADATA],
    ['jwksUri', { jwksUri: new URL(KEYS) }, KEYS],
  ])('is where "%s" says', (name, options, url) => {
    expect(placeNameOf(of(options))).toBe(name)
    expect(placeOf(of(options), [ISSUER], check).href).toBe(url)
  })

  it('is not where the issuer says whose keys are elsewhere, so that it may be any text', () => {
    expect(placeOf(of({ jwksUri: KEYS }), ['no URL', 'b?c'], check).href).toBe(KEYS)
  })

  it.each([
    ['several spellings', [ISSUER, `${ISSUER}/`], /"issuer" must be one string, unless/],
    ['a query', [`${ISSUER}?`], /"issuer" must have no query and no fragment/],
    ['a fragment', [`${ISSUER}#`], /"issuer" must have no query and no fragment/],
    ['no URL', ['id.test'], /"issuer" must be an absolute URL .* unless "jwksUri"/],
  ])('is unknown for an issuer with %s', (_what, issuers, complaint) => {
    expect(() => placeOf(of({}), issuers, check)).toThrow(complaint)
  })

  it('is asked of nobody where the URL of it is none', () => {
    expect(() => placeOf(of({ jwksUri: 'jwks' }), [ISSUER], check)).toThrow(
      /^requireBearer: "jwksUri" must be an absolute URL like https:\/\/id.example.com, got/,
    )
  })
})

describe('the documents that lead there', () => {
  const wellKnown = [
    'https://id.test/.well-known/oauth-authorization-server/tenant',
    'https://id.test/.well-known/openid-configuration/tenant',
    'https://id.test/tenant/.well-known/openid-configuration',
  ]
  it('are none for a JWKS that is named', () => {
    const url = new URL(KEYS)
    expect(locationOf(of({ jwksUri: KEYS }), url, [ISSUER])).toEqual({ jwksUri: url })
  })

  it('are the well-known ones of the issuer, which must name it as it is', () => {
    const location = locationOf(of({}), new URL(ISSUER), [ISSUER])
    expect(location).toMatchObject({ issuers: [ISSUER], allowTemplate: false })
    const { discoveryUrls } = location as { discoveryUrls: readonly URL[] }
    expect(hrefs(discoveryUrls).toSorted()).toEqual(wellKnown)
  })

  it('are the one that the app names, which may be of all tenants', () => {
    const url = new URL(METADATA)
    const expected = { discoveryUrls: [url], issuers: [ISSUER], allowTemplate: true }
    expect(locationOf(of({ discoveryUrl: METADATA }), url, [ISSUER])).toEqual(expected)
    expect(metadataOf(of({ discoveryUrl: METADATA }), [ISSUER])).toEqual(expected)
  })

  it('are known for other ends where the keys come from elsewhere', () => {
    const found = metadataOf(of({ jwksUri: KEYS }), [ISSUER, 'https://b.test'])
    expect(found).toMatchObject({ issuers: [ISSUER], allowTemplate: false })
    expect(hrefs(found?.discoveryUrls ?? []).toSorted()).toEqual(wellKnown)
  })

  it.each(['id.test', 'urn:issuer:a', 'https://', ''])(
    'are unknown for the issuer "%s"',
    (name) => {
      expect(metadataOf(of({ jwksUri: KEYS }), [name])).toBeUndefined()
    },
  )
})
