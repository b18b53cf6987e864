import { describe, expect, it } from '@jest/globals'
import { zitadel, ZITADEL_MISTAKES } from '../../../../lib/tokens/issuers/presets/zitadel.js'

const OPTIONS = { domain: 'acme.zitadel.cloud', projectId: '42' }

describe('zitadel', () => {
  it('is for a project, by any of its applications', () => {
    expect(zitadel(OPTIONS)).toEqual({
      issuer: 'https://acme.zitadel.cloud',
      audience: '42',
      claims: { roles: 'urn:zitadel:iam:org:project:roles' },
    })
  })

  it('may be by some of its applications alone', () => {
    expect(zitadel({ ...OPTIONS, clientIds: ['a'] })).toMatchObject({ clientId: ['a'] })
  })

  it.each<[object, string]>([
    [{ domain: 'https://acme.zitadel.cloud' }, '"domain" must be a host name'],
    [{ projectId: '' }, '"projectId" must be a non-empty string'],
    [{ project: '42' }, 'unknown option "project"'],
  ])('refuses %j', (changes, complaint) => {
    expect(() => zitadel({ ...OPTIONS, ...changes })).toThrow(`zitadel: ${complaint}`)
  })

  it.each([
    ['https://acme.zitadel.cloud', true],
    ['https://acme.zitadel.app', true],
    ['https://acme.zitadel.cloud/', false],
    ['https://acme.zitadel.cloud.evil.test', false],
  ])('knows its users: %s', (issuer, known) => {
    expect(ZITADEL_MISTAKES.issuer.test(issuer)).toBe(known)
    expect(ZITADEL_MISTAKES.fixes.wrong_audience).toMatch(/urn:zitadel:iam:org:project:id/)
  })
})
