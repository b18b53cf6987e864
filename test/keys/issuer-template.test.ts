import { describe, expect, it } from '@jest/globals'
import { speaksFor } from '../../lib/keys/issuer-template.js'

describe('speaksFor', () => {
  const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'
  const template = 'https://login.example.com/{tenantid}/v2.0'

  it.each([
    ['the same issuer', 'https://id.test', 'https://id.test', true],
    ['another issuer', 'https://id.test', 'https://id.test/', false],
    ['a tenant of the template', template, `https://login.example.com/${TENANT}/v2.0`, true],
    ['the template itself', template, template, true],
    ['no tenant id', template, 'https://login.example.com/common/v2.0', false],
    ['more than a tenant id', template, `https://login.example.com/${TENANT}/x/v2.0`, false],
    ['another host', template, `https://login.example.net/${TENANT}/v2.0`, false],
    ['another version', template, `https://login.example.com/${TENANT}/v1.0`, false],
    ['overlapping ends', 'https://a/{tenantid}/a/', 'https://a/', false],
    ['two places', '{tenantid}/{tenantid}', `${TENANT}/${TENANT}`, false],
  ])('%s', (_name, own, issuer, expected) => {
    expect(speaksFor(own, issuer)).toBe(expected)
  })
})
