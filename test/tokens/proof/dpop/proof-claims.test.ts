import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { FetchHead } from '../../../../lib/http/request/fetch-head.js'
import type { RequestHead } from '../../../../lib/http/request/request-head.js'
import { judgeProofTarget, proofIdOf } from '../../../../lib/tokens/proof/dpop/proof-claims.js'

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
const head = new FetchHead(new Request('https://inside.test/notes', { method: 'POST' }))
const uri = { origins: ['https://api.test', 'https://www.test'], path: '/notes' }
const GOOD = { htm: 'POST', htu: 'https://api.test/notes', ath: hash('token') }

const detailOf = (claims: object, sent: RequestHead = head): string | undefined =>
  judgeProofTarget(claims as Record<string, unknown>, { token: 'token', head: sent, uri })?.detail

describe('a proof and its request', () => {
  it.each<[string, object, RegExp | undefined]>([
    ['fit', GOOD, undefined],
    [
      'fit by another of our origins',
      { ...GOOD, htu: 'https://WWW.test:443/notes?a#b' },
      undefined,
    ],
    ['differ in the method', { ...GOOD, htm: 'GET' }, /"htm" is not the method/],
    ['differ in the case of the method', { ...GOOD, htm: 'post' }, /"htm"/],
    ['lack a method', { ...GOOD, htm: undefined }, /"htm"/],
    ['lack a URI', { ...GOOD, htu: undefined }, /"htu" is no http or https URI/],
    ['have a URI that is none', { ...GOOD, htu: '/notes' }, /"htu" is no http or https URI/],
    ['have a list of URIs', { ...GOOD, htu: [GOOD.htu] }, /"htu" is no http or https URI/],
    [
      'differ in the origin',
      { ...GOOD, htu: 'https://evil.test/notes' },
      /not of https:\/\/api.test or https:\/\/www.test$/,
    ],
    ['fit by another spelling', { ...GOOD, htu: 'https://api.test/a/../note%73' }, undefined],
    ['differ in the path', { ...GOOD, htu: 'https://api.test/other' }, /another path/],
    ['differ in the token', { ...GOOD, ath: hash('other') }, /"ath" is not the hash/],
    ['lack the token', { ...GOOD, ath: undefined }, /"ath"/],
    ['do not fit by claims that are inherited', Object.create(GOOD) as object, /"htm"/],
  ])('%s', (_name, claims, detail) => {
    expect(detailOf(claims) ?? '').toMatch(detail ?? /^$/)
  })

  it.each(['https://api.testundefined', 'https://api.test/', 'https://api.test'])(
    'do not fit by %s where the target of the request is no path',
    (htu) => {
      const claims = { ...GOOD, htu }
      const pathless = { ...uri, path: undefined }
      expect(judgeProofTarget(claims, { token: 'token', head, uri: pathless })).toMatchObject({
        reason: 'proof_mismatch',
      })
    },
  )

  it('fit by the method that was sent, where another one was tunnelled in it', () => {
    const tunnelled = Object.create(head, { originalMethod: { value: 'PUT' } }) as RequestHead
    expect(detailOf({ ...GOOD, htm: 'PUT' }, tunnelled)).toBeUndefined()
    expect(detailOf(GOOD, tunnelled)).toMatch(/"htm"/)
  })

  it('are refused by the reason proof_mismatch', () => {
    expect(judgeProofTarget({}, { token: 't', head, uri })).toMatchObject({
      code: 'invalid_dpop_proof',
      reason: 'proof_mismatch',
      detail: expect.stringMatching(/^The proof is of another request: /),
    })
  })
})

describe('the name of a proof', () => {
  it('is a hash of it, whatever its length', () => {
    expect(proofIdOf({ jti: 'a' })).toBe(hash('a'))
    expect(proofIdOf({ jti: 'ä'.repeat(9999) })).toHaveLength(43)
  })

  it.each([[{}], [{ jti: '' }], [{ jti: 7 }], [Object.create({ jti: 'a' })]])(
    'is none of %p',
    (claims) => {
      expect(proofIdOf(claims as Record<string, unknown>)).toBeUndefined()
    },
  )
})
