import { describe, expect, it } from '@jest/globals'
import type { McpAnswer } from '../../../lib/doctor/mcp/ask.js'
import { examineChallenge } from '../../../lib/doctor/mcp/challenge.js'

const METADATA = { resource_metadata: 'https://a/m', scope: 'mcp' }
const challenged = (parameters: Readonly<Record<string, string>>): Partial<McpAnswer> => ({
  challenge: new Map(Object.entries(parameters)),
})
/** `status detail` of each finding. */
const found = (answer: Partial<McpAnswer>): string[] =>
  [...examineChallenge({ status: 401, location: undefined, challenge: undefined, ...answer })].map(
    ({ status, detail }) => `${status} ${detail}`,
  )

const OK = 'ok 401 with a Bearer challenge'

describe('the answer to a client without a token', () => {
  it('is right with 401, the place of the metadata and a scope', () => {
    expect(found(challenged(METADATA))).toEqual([OK])
  })

  it.each<[string, Partial<McpAnswer>, string]>([
    ['200', { status: 200 }, 'failed 200 without a token: anybody may call the tools'],
    ['299', { status: 299 }, 'failed 299 without a token: anybody may call the tools'],
    ['a redirect', { status: 302, location: 'https://a/in?secret' }, 'failed 302, to https://a/in'],
    ['a redirect to a fragment', { status: 399, location: '/in#x' }, 'failed 399, to /in'],
    ['a redirect to nowhere', { status: 300 }, 'failed 300, to nowhere'],
    ['500', { status: 500 }, 'failed 500 without a token'],
    ['403', { status: 403 }, 'failed 403 without a token, where 401 is due'],
    ['400', { status: 400 }, 'failed 400 without a token, where 401 is due'],
    ['100', { status: 100 }, 'failed 100 without a token, where 401 is due'],
    ['401 alone', {}, 'failed 401 without a Bearer challenge in WWW-Authenticate'],
  ])('is wrong with %s, and nothing else is told', (_what, answer, told) => {
    expect(found(answer)).toEqual([told])
  })

  it('blames a firewall for 403, and the path for another', () => {
    const causes = [403, 404].map(
      (status) =>
        [...examineChallenge({ status, location: undefined, challenge: undefined })][0]?.cause,
    )
    expect(causes).toEqual([
      'A firewall or a check of Origin or Host stands before the guard.',
      'The path is not that of the MCP server, or the body is judged before the token.',
    ])
  })

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['no place of metadata', { scope: 'mcp' }, 'failed The challenge has no resource_metadata'],
    [
      'an error',
      { ...METADATA, error: 'invalid_token' },
      'warning It says error="invalid_token" though no token came',
    ],
    ['no scope', { resource_metadata: 'm' }, 'warning It names no scope'],
    [
      'a scope for refresh tokens',
      { ...METADATA, scope: 'mcp offline_access' },
      'warning It asks for offline_access',
    ],
  ])('is told of a challenge with %s', (_what, parameters, told) => {
    expect(found(challenged(parameters))).toEqual([OK, told])
  })

  it('takes a scope that only begins so for what it is', () => {
    expect(found(challenged({ ...METADATA, scope: 'offline_access_log' }))).toEqual([OK])
  })
})
