import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startProvider, type DemoProvider } from '../../examples/demo/provider.js'
import { openMcpUser, type McpUser } from '../../tools/mcp-user.js'
import { freePort } from '../../lib/testing/free-port.js'
import { compiled } from '../../tools/typescript-process.js'
import { until } from '../../tools/until.js'

let provider: DemoProvider
let server: ChildProcess
let url: string
let port: number
let alice: McpUser

/** The example as a user starts it, behind an issuer of ours. */
async function startExample(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [compiled('examples/21-mcp-server.ts')], {
    env: { ...process.env, PORT: String(port), ISSUER: provider.issuer, AUDIENCE: url },
    stdio: 'ignore',
  })
  const isUp = async (): Promise<void> =>
    expect((await fetch(url, { method: 'POST' })).status).toBe(401)
  await until(isUp, 45_000)
  return child
}

async function stop(): Promise<void> {
  const ended = once(server, 'exit')
  server.kill()
  await ended
}

// One story: each step begins where the last one ended.
describe.each(['legacy', 'auto'] as const)(
  'the client of the SDK (%s), the example and a real OpenID provider',
  (mode) => {
    beforeAll(async () => {
      port = await freePort()
      url = `http://127.0.0.1:${port}/mcp`
      provider = await startProvider({ port: await freePort(), resource: url })
      server = await startExample()
      alice = openMcpUser(url, 'alice', mode)
    }, 60_000)

    afterAll(async () => {
      await stop()
      await provider.close()
    })

    it('finds the issuer from the 401, logs its user in for what that asks, and calls a tool', async () => {
      expect(await alice.call('read-notes')).toBe('')
      expect(alice.logins).toEqual(['notes:read'])
    })

    it('is not told of a tool that this user may not use', async () => {
      expect(await alice.list()).toEqual(['read-notes', 'add-note'])
      expect(alice.logins).toHaveLength(1)
    })

    it('asks its user for more where a tool needs more, and calls it', async () => {
      expect(await alice.call('purge-notes')).toBe('0 gone')
      expect(alice.logins).toEqual(['notes:read', 'notes:read notes:write notes:delete'])
      expect(await alice.list()).toEqual(['read-notes', 'add-note', 'purge-notes'])
    })

    it('logs its user in again once the session was revoked', async () => {
      const revoked = alice.token()
      const authorization = `Bearer ${revoked}`
      const session = new URL('/session', url)
      const ended = await fetch(session, { method: 'DELETE', headers: { authorization } })
      expect(ended.status).toBe(204)
      expect((await fetch(url, { method: 'POST', headers: { authorization } })).status).toBe(401)
      await alice.call('read-notes')
      expect(alice.logins).toHaveLength(3)
      expect(alice.token()).not.toBe(revoked)
    })

    it('keeps its token while the issuer is down, and goes on with it afterwards', async () => {
      const held = alice.token()
      await stop()
      // A server that starts now has no keys.
      await provider.close()
      server = await startExample()
      await expect(alice.call('read-notes')).rejects.toMatchObject({ data: { status: 503 } })
      expect(alice.token()).toBe(held)
      expect(alice.logins).toHaveLength(3)

      await provider.open()
      await until(async () => expect(await alice.call('read-notes')).toBe(''))
      expect(alice.token()).toBe(held)
      expect(alice.logins).toHaveLength(3)
    }, 60_000)
  },
)
