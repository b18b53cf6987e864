import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import {
  compileIntrospection,
  KNOWN_INTROSPECTION_OPTIONS,
} from '../../../../lib/tokens/introspection/asking/options.js'

const clientAuth = { method: 'none', authenticate: () => undefined }
const compile = (options: object = {}): ReturnType<typeof compileIntrospection> =>
  compileIntrospection(optionCheck('requireBearer'), {
    clientId: 'api-1',
    clientAuth,
    ...options,
  })

describe('the options of introspection', () => {
  it('are these where only the client is given', () => {
    expect(compile()).toEqual({
      endpoint: undefined,
      issuer: undefined,
      clientId: 'api-1',
      clientAuth,
      all: false,
      cacheMs: 10_000,
      mayLackType: false,
      signed: false,
      timeoutMs: 2500,
      maxBytes: 65_536,
    })
  })

  it('are taken as they are given', () => {
    const given = {
      endpoint: 'https://id.test/introspect',
      issuer: 'https://id.test',
      for: 'all',
      cacheSeconds: 60,
      dangerouslyAllowMissingTokenType: true,
      signed: true,
      timeoutMs: 50,
      maxBytes: 1024,
    }
    expect(compile(given)).toMatchObject({
      endpoint: new URL(given.endpoint),
      issuer: 'https://id.test',
      all: true,
      cacheMs: 60_000,
      mayLackType: true,
      signed: true,
      timeoutMs: 50,
      maxBytes: 1024,
    })
  })

  it.each([
    [{ cacheSeconds: 0 }, { cacheMs: 0 }],
    [{ for: 'opaque' }, { all: false }],
    [
      { timeoutMs: 60_000, maxBytes: 1_048_576 },
      { timeoutMs: 60_000, maxBytes: 1_048_576 },
    ],
    [{ endpoint: new URL('http://127.0.0.1/') }, { endpoint: new URL('http://127.0.0.1/') }],
  ])('may be %j', (options, expected) => {
    expect(compile(options)).toMatchObject(expected)
  })

  it.each([
    [{ cacheSeconds: 60.1 }, '"introspection.cacheSeconds" must be a number from 0 to 60'],
    [{ cacheSeconds: -1 }, '"introspection.cacheSeconds"'],
    [{ timeoutMs: 49 }, '"introspection.timeoutMs" must be a number from 50 to 60000'],
    [{ timeoutMs: 60_001 }, '"introspection.timeoutMs"'],
    [{ maxBytes: 1023 }, '"introspection.maxBytes" must be a number from 1024 to 1048576'],
    [{ maxBytes: 1_048_577 }, '"introspection.maxBytes"'],
    [{ for: 'jwt' }, '"introspection.for" must be'],
    [{ signed: 'yes' }, '"introspection.signed" must be'],
    [{ dangerouslyAllowMissingTokenType: 1 }, '"introspection.dangerouslyAllowMissingTokenType"'],
    [{ issuer: '' }, '"introspection.issuer" must be'],
    [{ clientId: undefined }, '"introspection.clientId" must be'],
    [{ clientAuth: undefined }, '"introspection.clientAuth" must be one like clientSecretBasic'],
    [{ clientAuth: { method: 'none' } }, '"introspection.clientAuth"'],
    [{ clientAuth: { authenticate: 1 } }, '"introspection.clientAuth"'],
    [{ endpoint: 'ftp://id.test/' }, '"introspection.endpoint" must be an https URL'],
    [{ endpoint: 'xhttps:/id.test' }, '"introspection.endpoint"'],
    [{ endpoint: '/introspect' }, 'got another value'],
    [{ endpoint: 'https://user@id.test/a' }, 'got "https://id.test"'],
    [{ endpoint: 'https://:secret@id.test/a' }, 'got "https://id.test"'],
    [{ timeout: 1 }, 'unknown option "introspection.timeout"'],
  ])('are no %j', (options, message) => {
    expect(() => compile(options)).toThrow(message)
  })

  it('never show a secret in a complaint', () => {
    const endpoint = 'https://user:hush@id.test/'
    expect(() => compile({ endpoint })).not.toThrow(/hush/)
    expect(() => compile({ endpoint })).toThrow(TypeError)
  })

  it('have names that a guess finds', () => {
    expect(KNOWN_INTROSPECTION_OPTIONS).toEqual(
      expect.arrayContaining(['introspection', 'introspection.clientId', 'introspection.maxBytes']),
    )
    expect(KNOWN_INTROSPECTION_OPTIONS).toHaveLength(11)
  })
})
