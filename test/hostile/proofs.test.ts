import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  clientCertHeader,
  memoryReplayStore,
  requireBearer,
  type AuthEvent,
  type BearerGuard,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { frozenClock } from '../../tools/api.js'
import { createDpopClient } from '../../tools/dpop-client.js'
import { rawRequest, serve, type RawAnswer, type RunningServer } from '../../tools/server.js'
import { HOSTILE_PROOFS, type Source } from './proofs.js'

const clock = frozenClock()
const events: AuthEvent[] = []
const issuer = createTestIssuer({ clock })
let guard: BearerGuard
let api: RunningServer
let from: Source
let certified: string

beforeAll(async () => {
  guard = requireBearer({
    ...issuer.options,
    origin: 'https://api.example.com',
    dpop: { replay: memoryReplayStore() },
    mtls: { certificate: clientCertHeader({ trustedProxies: ['127.0.0.1'] }) },
    clock,
    onEvent: (event) => events.push(event),
  })
  const app = express()
  app.get('/r', guard, (_req, res) => void res.end('let in'))
  api = await serve(app)
  const url = 'https://api.example.com/r'
  const [client, other] = await Promise.all([
    createDpopClient({ url, clock }),
    createDpopClient({ url, clock }),
  ])
  const exp = clock.now + 3600
  const token = issuer.token({ cnf: client.confirmation, exp })
  from = { client, other, token, now: Math.floor(clock.now) }
  certified = issuer.token({ cnf: { 'x5t#S256': 'A'.repeat(43) }, exp })
})

afterAll(async () => {
  guard.close()
  await api.close()
})

const send = (
  authorization: string,
  name: string,
  lines: readonly string[],
): Promise<RawAnswer> => {
  const headers = lines.map((line) => `${name}: ${line}`)
  return rawRequest(api.port, [`Authorization: ${authorization}`, ...headers], 'GET /r HTTP/1.1')
}

/** One verdict, a challenge that names the way, and nothing of what came. */
function expectRefusal(answer: RawAnswer, sent: readonly string[]): void {
  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')?.join()).toMatch(/DPoP realm="api".*algs="/)
  const shown = JSON.stringify([[...answer.headers], answer.body, events.at(-1)])
  const parts = sent.flatMap((line) => line.split(/[.,: ]/)).filter(({ length }) => length > 16)
  expect(parts.filter((part) => shown.includes(part))).toEqual([])
}

describe('The corpus of proofs', () => {
  it.each(HOSTILE_PROOFS)('proves nothing by %s', async (_name, make) => {
    const lines = await make(from)
    expectRefusal(await send(`DPoP ${from.token}`, 'DPoP', lines), [...lines, from.token])
  })

  it('leaves a good proof as good as it was, once', async () => {
    const proof = await from.client.proof(from.token)
    const statuses = [proof, proof].map(async (line) => send(`DPoP ${from.token}`, 'DPoP', [line]))
    const answers = await Promise.all(statuses)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it.each([
    ['none', []],
    ['an empty one', ['']],
    ['no certificate', ['::']],
    ['a text', [':AAAA:']],
    ['PEM', ['-----BEGIN CERTIFICATE-----']],
    ['two of them', [':AAAA:', ':AAAA:']],
    ['two in a line', [':AAAA:, :AAAA:']],
    ['base64url', [':-_-_:']],
    ['its thumbprint', ['A'.repeat(43)]],
    ['a huge one', [`:${'A'.repeat(8000)}:`]],
  ])('proves nothing by a header of certificates: %s', async (_name, lines) => {
    expectRefusal(await send(`Bearer ${certified}`, 'Client-Cert', lines), [certified])
  })
})
