import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { requireBearer } from '../../lib/index.js'
import { createTestIssuer, type TestIssuer, type TestIssuerOptions } from '../../lib/testing.js'

async function listening(options?: TestIssuerOptions): Promise<TestIssuer> {
  const issuer = createTestIssuer(options)
  await issuer.listen()
  return issuer
}

function ask(issuer: TestIssuer, keyCache?: object): (token: string) => Promise<number> {
  const app = express()
  app.use(requireBearer({ ...issuer.options, ...(keyCache && { keyCache }) }), (_req, res) => {
    res.json({})
  })
  return async (token) => (await request(app).get('/').auth(token, { type: 'bearer' })).status
}

describe('createTestIssuer with a socket', () => {
  it('is found by discovery under its address, as an app finds its issuer', async () => {
    const issuer = await listening()
    expect(issuer.issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(issuer.options).toEqual({ issuer: issuer.issuer, audience: issuer.audience })
    expect(await ask(issuer)(issuer.token())).toBe(200)
  })

  it.each([{ like: 'entra' }, { like: 'keycloak' }, { issuer: 'https://id.example.com' }] as const)(
    'keeps the identifier of %j, and serves its keys',
    async (options) => {
      const { issuer: before } = createTestIssuer(options)
      const issuer = await listening(options)
      expect(issuer.issuer).toBe(before)
      expect(await ask(issuer)(issuer.token())).toBe(200)
    },
  )

  it('rotates its key: guards learn of the new one, and take both', async () => {
    const issuer = await listening()
    const status = ask(issuer)
    const old = issuer.token()
    expect(await status(old)).toBe(200)
    issuer.rotate()
    expect(await status(issuer.token())).toBe(200)
    expect(await status(old)).toBe(200)
    expect(await status(issuer.wrongKey())).toBe(401)
  })

  it('withdraws the old key where a rotation leaves no overlap', async () => {
    const issuer = await listening()
    const status = ask(issuer)
    const old = issuer.token()
    expect(await status(old)).toBe(200)
    issuer.rotate({ overlap: false })
    expect(await status(issuer.token())).toBe(200)
    expect(await status(old)).toBe(401)
  })

  it.each(['refused', '500', 'hang', 'html', 'empty'] as const)(
    'has an outage (%s), which is 503 and never 401, and recovers',
    async (kind) => {
      const issuer = await listening()
      await issuer.outage(kind)
      const keyCache = { timeoutMs: 200 }
      expect(await ask(issuer, keyCache)(issuer.token())).toBe(503)
      await issuer.recover()
      expect(await ask(issuer, keyCache)(issuer.token())).toBe(200)
    },
  )

  it('goes from one outage to another', async () => {
    const issuer = await listening()
    for (const kind of ['refused', 'refused', 'html', 'refused'] as const) {
      await issuer.outage(kind)
      expect(await ask(issuer)(issuer.token())).toBe(503)
    }
    await issuer.recover()
    await issuer.recover()
    expect(await ask(issuer)(issuer.token())).toBe(200)
  })

  it('never keeps a process from ending, in an outage that hangs neither', async () => {
    const script = `
      import { requireBearer } from './lib/index.js'
      import { createTestIssuer, testRevocationStore } from './lib/testing.js'
      const issuer = createTestIssuer()
      await issuer.listen()
      const guard = requireBearer(issuer.options)
      await guard.ready()
      testRevocationStore()
      const held = await fetch(issuer.issuer + '/jwks', { headers: { connection: 'keep-alive' } })
      await held.text()
      await issuer.outage('hang')
      console.log('done')`
    const root = join(import.meta.dirname, '../..')
    const { stdout } = await promisify(execFile)(
      join(root, 'node_modules/.bin/tsx'),
      ['--input-type=module', '-e', script],
      { cwd: root, timeout: 15_000 },
    )
    expect(stdout).toBe('done\n')
  })
})
