import { expect, it } from '@jest/globals'
import { withMetadata, type SenderOptions } from '../../lib/signals/sender-options.js'

const of = (options: Partial<SenderOptions>): unknown =>
  withMetadata({ issuer: 'https://id.test', audience: 'a', ...options }).discoveryUrl

it.each([
  ['https://id.test', 'https://id.test/.well-known/ssf-configuration'],
  ['https://id.test/', 'https://id.test/.well-known/ssf-configuration'],
  ['https://id.test/tenant', 'https://id.test/.well-known/ssf-configuration/tenant'],
  ['https://id.test:8443/a/b/', 'https://id.test:8443/.well-known/ssf-configuration/a/b'],
])('metadata of %s are at %s (SSF-12)', (issuer, url) => {
  expect(of({ issuer })).toBe(url)
})

it.each<[string, Partial<SenderOptions>, unknown]>([
  ['a URL of theirs', { discoveryUrl: 'https://x.test/m' }, 'https://x.test/m'],
  ['a URL of keys', { jwksUri: 'https://x.test/k' }, undefined],
  ['keys', { jwks: { keys: [] } }, undefined],
  ['several spellings', { issuer: ['https://id.test', 'https://id.test/'] }, undefined],
  ['an issuer that is no URL', { issuer: 'id.test' }, undefined],
])('metadata are asked for nowhere else with %s', (_what, options, url) => {
  expect(of(options)).toBe(url)
})

it('hands on what belongs to a sender, and nothing else', () => {
  const options = { algorithms: ['ES256'], jwksUri: 'https://x.test/k', clientId: 'no' }
  expect(withMetadata({ issuer: 'https://id.test', audience: 'a', ...options })).toEqual({
    issuer: 'https://id.test',
    audience: 'a',
    algorithms: ['ES256'],
    jwksUri: 'https://x.test/k',
  })
})
