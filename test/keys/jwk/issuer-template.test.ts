import { expect, it } from '@jest/globals'
import { speaksFor } from '../../../lib/keys/jwk/issuer-template.js'

const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'
const TEMPLATE = 'https://login.example.com/{tenantid}/v2.0'

it.each([
  ['the same issuer', 'https://id.test', 'https://id.test', true],
  ['another issuer', 'https://id.test', 'https://id.test/', false],
  ['a tenant of the template', TEMPLATE, `https://login.example.com/${TENANT}/v2.0`, true],
  [
    'a tenant in capitals',
    TEMPLATE,
    `https://login.example.com/${TENANT.toUpperCase()}/v2.0`,
    true,
  ],
  ['the template itself', TEMPLATE, TEMPLATE, true],
  ['no tenant id', TEMPLATE, 'https://login.example.com/common/v2.0', false],
  ['more than a tenant id', TEMPLATE, `https://login.example.com/${TENANT}/x/v2.0`, false],
  ['another host', TEMPLATE, `https://login.example.net/${TENANT}/v2.0`, false],
  ['another version', TEMPLATE, `https://login.example.com/${TENANT}/v1.0`, false],
  [
    'the template within another URL',
    TEMPLATE,
    `https://x.test/https://login.example.com/${TENANT}/v2.0`,
    false,
  ],
  ['overlapping ends', 'https://a/{tenantid}/a/', 'https://a/', false],
  ['two places', '{tenantid}/{tenantid}', `${TENANT}/${TENANT}`, false],
  ['one of two places', '{tenantid}/{tenantid}', `${TENANT}/`, false],
])('speaksFor: %s', (_name, template, issuer, expected) => {
  expect(speaksFor(template, issuer)).toBe(expected)
})
