import { describe, expect, it } from '@jest/globals'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { ProofClaim } from '../../../lib/replay/store.js'
import { useUp, verifyCaller } from '../../../lib/signals/delivery/caller.js'
import type { CallerToken } from '../../../lib/tokens/events/caller-token.js'
import type { EventVerifier } from '../../../lib/tokens/events/event-verifier.js'

const CALLER: CallerToken = { issuer: 'https://id.test', tokenId: 'j', expiresAt: 1300 }

function withHeader(...lines: readonly string[]): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  if (lines[0] !== undefined) req.headers.authorization = lines[0]
  req.rawHeaders = lines.flatMap((line) => ['Authorization', line])
  return req
}

describe('verifyCaller', () => {
  const seen: string[] = []
  const verifier = {
    verify: async (token: string) => {
      seen.push(token)
      return CALLER
    },
  } as unknown as EventVerifier<CallerToken>

  it('verifies the token of the request', async () => {
    expect(await verifyCaller(withHeader('Bearer abc'), verifier)).toBe(CALLER)
    expect(seen).toEqual(['abc'])
  })

  it.each([
    ['none', [], 'no_credential'],
    ['another scheme', ['Basic abc'], 'unsupported_scheme'],
    ['two of them', ['Bearer a', 'Bearer b'], 'duplicate_authorization'],
  ])('asks nobody where there is %s', async (_what, lines, reason) => {
    const refusal = await verifyCaller(withHeader(...lines), {} as EventVerifier<CallerToken>)
    expect(refusal).toBeInstanceOf(AuthError)
    expect(refusal).toMatchObject({ reason })
  })
})

describe('useUp', () => {
  it('remembers a token a little longer than it is good, by digests alone', async () => {
    const claims: ProofClaim[] = []
    const claim = (given: ProofClaim): boolean => claims.push(given) > 0
    expect(await useUp({ claim }, CALLER, 1000)).toBeUndefined()
    expect(claims).toEqual([
      {
        thumbprint: expect.stringMatching(/^[\w-]{43}$/),
        proofId: expect.stringMatching(/^[\w-]{43}$/),
        ttlMs: 370_000,
      },
    ])
    expect(claims[0]?.thumbprint).not.toBe(claims[0]?.proofId)
  })

  it('refuses one that came before', async () => {
    const refusal = await useUp({ claim: () => false }, CALLER, 1000)
    expect(refusal).toMatchObject({ reason: 'used_before', status: 401 })
  })

  it('is an outage where nobody can tell', async () => {
    const replay = { claim: () => Promise.reject(new Error('down')) }
    expect(await useUp(replay, CALLER, 1000)).toMatchObject({ reason: 'replay_unavailable' })
  })
})
