import { describe, expect, it } from '@jest/globals'
import { expectRefusal, frozenClock, type TestApi } from '../../tools/api.js'
import { type TestIssuer } from '../../tools/issuer.js'
import { beforeSuite } from '../support/suite.js'

const clock = frozenClock()
let issuer: TestIssuer
let api: TestApi

beforeSuite({ clock }, (suite) => {
  ;({ issuer, api } = suite)
})

describe('RFC 7800 §3.1: a token bound to a key', () => {
  it.each([
    ['a string', 'x'],
    ['a list', []],
    ['a number', 0],
    ['false', false],
    ['an empty object', {}],
  ])('refuses a cnf that is %s (7800-01)', async (_name, cnf) => {
    expectRefusal(await api.get(await issuer.token({ cnf })), 'invalid_token')
  })

  it.each([
    ['a DPoP key', { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }],
    ['a certificate', { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }],
    ['a key of its own', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } }],
    ['a method that nobody knows', { 'https://example.com/proof': 'x' }],
    ['two keys', { jkt: 'a', 'x5t#S256': 'b' }],
  ])('never takes a token bound to %s for a bearer token (7800-02)', async (_name, cnf) => {
    expectRefusal(await api.get(await issuer.token({ cnf })), 'invalid_token')
    expect(api.reason()).toBe('bound_token')
  })
})
