import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { frozenClock } from '../../tools/api.js'
import { until } from '../../tools/until.js'
import { messageOf, startMcp, type McpApi } from '../support/mcp-server.js'

const clock = frozenClock()
const revocations = memoryRevocationStore({ clock })
const issuer = createTestIssuer({ clock })
let api: McpApi

beforeAll(async () => {
  api = await startMcp(issuer, { clock, revocations })
})

afterAll(async () => {
  await api.close()
})

const reading: { stop?: AbortController } = {}
afterEach(() => reading.stop?.abort())

interface Subscription {
  /** What came so far. */
  text(): string
  /** Whether the server ended it. */
  ended(): boolean
}

async function listen(token: string): Promise<Subscription> {
  const { body, headers } = messageOf('2026-07-28', 'subscriptions/listen', {
    notifications: { toolsListChanged: true },
  })
  reading.stop = new AbortController()
  const response = await fetch(api.resource, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: reading.stop.signal,
  })
  expect(response.status).toBe(200)
  let text = ''
  let ended = false
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  read()
    .finally(() => (ended = true))
    .catch(() => undefined)
  await until(() => expect(text).toContain('data:'))
  return { text: () => text, ended: () => ended }
}

describe('a stream of MCP', () => {
  it('ends when its token is revoked', async () => {
    const subscription = await listen(issuer.token({ aud: api.resource, scope: 'mcp', jti: 'a' }))
    expect(subscription.ended()).toBe(false)
    await revocations.revokeToken({
      issuer: issuer.issuer,
      tokenId: 'a',
      expiresAt: clock.now + 300,
    })
    await until(() => expect(subscription.ended()).toBe(true))
  })

  it('ends when its token expires', async () => {
    const token = issuer.token({ aud: api.resource, scope: 'mcp' })
    const subscription = await listen(token)
    clock.now += 310
    await until(() => expect(subscription.ended()).toBe(true))
  })
})
