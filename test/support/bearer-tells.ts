import { expect, it } from '@jest/globals'
import { factsOf } from '../../lib/http/guard/facts.js'
import { protectionOf } from '../../lib/http/guard/protection.js'
import { memoryReplayStore, type BearerGuard } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { SHARED } from './shared-secret.js'

type Told = Pick<BearerGuard, 'ready' | 'status' | 'close'>

/** What any guard over bearer tokens tells of itself, to an app and to what stands beside it. */
export function itTellsOfItself(create: (options: object) => Told): void {
  const dpopOptions = { replay: memoryReplayStore(), algorithms: ['ES256'] }
  const origin = 'https://api.test'

  it.each<[string, object, object]>([
    ['none', {}, { dpop: undefined, mtls: false }],
    [
      'keys',
      { dpop: dpopOptions, origin },
      { dpop: { algorithms: ['ES256'], required: false }, mtls: false },
    ],
    [
      'keys, always',
      { dpop: { ...dpopOptions, mode: 'require' }, origin },
      { dpop: { algorithms: ['ES256'], required: true }, mtls: false },
    ],
    ['certificates', { mtls: { certificate: 'tls' } }, { dpop: undefined, mtls: true }],
  ])('tells its metadata whose tokens it takes, and which proofs: %s', (_what, options, proofs) => {
    const protection = protectionOf(create({ ...SHARED, realm: 'notes', ...options }))
    expect(protection).toMatchObject({ issuers: [SHARED.issuer], ...proofs })
    expect(protection!.responder.style.realm).toBe('notes')
  })

  it('tells an audit how it judges', () => {
    const guard = create({ ...SHARED, throttle: {} })
    const { issuer, audience } = SHARED
    const issuers = [expect.objectContaining({ issuer, audiences: [audience] })]
    expect(factsOf(guard)).toEqual([
      expect.objectContaining({ kind: 'bearer', issuers, throttle: true, proof: 'none' }),
    ])
  })

  it('is ready once it has keys, tells of them, and fetches none once it is closed', async () => {
    const issuer = createTestIssuer()
    const { jwks } = issuer.options
    let asked = 0
    const keys = async (): Promise<unknown> => {
      asked += 1
      return jwks
    }
    const guard = create({ ...issuer.options, jwks: keys })
    await guard.ready()
    expect(asked).toBe(1)
    expect(guard.status()).toMatchObject([{ issuer: issuer.issuer, state: 'fresh' }])
    guard.close()
    const late = create({ ...issuer.options, jwks: keys })
    late.close()
    await expect(late.ready()).rejects.toThrow('closed')
    expect(asked).toBe(1)
  })
}
