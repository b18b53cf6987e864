import { expect, it } from '@jest/globals'
import express from 'express'
import { jtiBlocklist, requireBearer, requireStepUp } from '../../lib/index.js'
import { serve } from '../../tools/server.js'
import { startSignalReceiver } from '../support/signals.js'

it('a lower assurance ends tokens that claim the former one, and step-up judges the next by theirs (CAEP-05)', async () => {
  const receiver = await startSignalReceiver()
  const { issuer, clock, transmitter } = receiver
  const app = express()
  const chain = [requireBearer(issuer.options), jtiBlocklist(receiver.store)]
  app.get('/', ...chain, requireStepUp({ acr: ['aal2'] }), (_req, res) => void res.end())
  const api = await serve(app)
  const get = async (token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` }
    const { status, headers: answered } = await fetch(api.url, { headers })
    const [, error = ''] = /error="(\w+)"/.exec(answered.get('www-authenticate') ?? '') ?? []
    return `${status} ${error}`.trim()
  }
  try {
    const before = issuer.token({ acr: 'aal2' })
    expect(await get(before)).toBe('200')
    const payload = {
      namespace: 'NIST-AAL',
      current_level: 'nist-aal1',
      change_direction: 'decrease',
    }
    expect(
      await receiver.push(transmitter.securityEvent('assurance-level-change', { payload })),
    ).toBe('202')
    expect(await get(before)).toBe('401 invalid_token')
    clock.advance(1)
    expect(await get(issuer.token({ acr: 'aal1' }))).toBe('401 insufficient_user_authentication')
    expect(await get(issuer.token({ acr: 'aal2' }))).toBe('200')
  } finally {
    await api.close()
    await receiver.close()
  }
})
