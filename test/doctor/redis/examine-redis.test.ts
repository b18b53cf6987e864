import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { redisRevocationStore } from '../../../lib/redis.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { freePort } from '../../../lib/testing/free-port.js'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { doctor, linesOn, type DoctorRun } from '../../support/doctor.js'

let server: RedisServer
let admin: Redis

beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url)
})

afterEach(async () => {
  await admin.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')
  await admin.flushall()
})

afterAll(async () => {
  admin.disconnect()
  await server.stop()
})

function look(url: string, ...more: string[]): Promise<DoctorRun> {
  return doctor(['doctor', '--redis', url, ...more])
}

function urlFor(user: string): string {
  return server.url.replace('//', `//${user}:hunter2@`)
}

function expectTold(run: DoctorRun, check: string, detail: RegExp, fix: RegExp): void {
  expect(run).toMatchObject({ code: 1, stderr: '' })
  expect(run.stdout).not.toMatch(/^ +at |node_modules|Error:|hunter2/m)
  const [found, cause, mended] = linesOn(check, run)
  expect(found).toMatch(/^FAILED/)
  expect(found).toMatch(detail)
  expect(cause).toMatch(/^cause: \S/)
  expect(mended).toMatch(fix)
}

describe('doctor --redis', () => {
  it('looks at everything and changes nothing', async () => {
    const run = await look(server.url)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(linesOn('redis', run)[0]).toMatch(/^ok .* Version \d.*answers in \d+ ms$/)
    expect(linesOn('permissions', run)[0]).toMatch(/^ok/)
    expect(linesOn('eviction', run)[0]).toMatch(/^ok .*noeviction$/)
    expect(linesOn('denylist', run)[0]).toMatch(
      /^warning .*Empty: no store of the name "revocations"/,
    )
    expect(await admin.keys('*')).toEqual([])
  })

  it('finds the data of a store, by its name', async () => {
    const store = redisRevocationStore({ redis: server.url, name: 'mine', onEmpty: 'initialize' })
    await store.ready()
    await store.revokeSession({ issuer: 'https://id.test', sessionId: 's' })
    await store.close()
    const mine = await look(server.url, '--name', 'mine')
    expect(linesOn('denylist', mine)[0]).toMatch(/^ok .*Whole, after \d+ revocations/)
    const other = await look(server.url)
    expect(linesOn('denylist', other)[2]).toMatch(/compare --name/)
  })

  it('tells a Redis that evicts revocations', async () => {
    await admin.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    expectTold(await look(server.url), 'eviction', /maxmemory-policy is allkeys-lru/, /noeviction/)
  })

  it('warns of a Redis without a file and without a replica, and is content with one that has both', async () => {
    const alone = await look(server.url)
    expect(linesOn('persistence', alone)[0]).toMatch(/^warning/)
    expect(linesOn('replicas', alone)[0]).toMatch(/^warning .*None/)
    const lasting = await startRedis(['--appendonly', 'yes'])
    const replica = await startRedis(['--replicaof', '127.0.0.1', String(lasting.port)])
    const watch = new Redis(lasting.url)
    while (!/connected_slaves:1/.test(await watch.info('replication'))) await watch.wait(1, 100)
    watch.disconnect()
    const run = await look(lasting.url)
    expect(linesOn('persistence', run)[0]).toMatch(/^ok/)
    expect(linesOn('replicas', run)[0]).toMatch(/^ok .*1;/)
    // The address of the replica: the store must not be sent there.
    expectTold(await look(replica.url), 'denylist', /READONLY/, /Connect to the master/)
    await Promise.all([lasting.stop(), replica.stop()])
  })

  it('tells which commands the ACL does not allow', async () => {
    const allowed = ['+mget', '+eval', '+evalsha', '+get', '+info', '+time']
    await admin.acl('SETUSER', 'narrow', 'reset', 'on', '>hunter2', '~{revocations}:*', ...allowed)
    const run = await look(urlFor('narrow'))
    expectTold(
      run,
      'permissions',
      /may not run set, incr, type/,
      /\+set .*\+xadd .*~\{revocations\}:\*/,
    )
  })

  it('tells an ACL that has the keys of another name', async () => {
    await admin.acl('SETUSER', 'other', 'reset', 'on', '>hunter2', '~{other}:*', '+@all')
    expectTold(
      await look(urlFor('other')),
      'permissions',
      /on \{revocations\}:\*/,
      /~\{revocations\}:/,
    )
    expect((await look(urlFor('other'), '--name', 'other')).code).toBe(0)
  })

  it('is content with just the commands that it names', async () => {
    const { STORE_COMMANDS } = await import('../../../lib/redis/errors.js')
    const allowed = STORE_COMMANDS.map((command) => `+${command}`)
    await admin.acl('SETUSER', 'just', 'reset', 'on', '>hunter2', '~{revocations}:*', ...allowed)
    expect(await look(urlFor('just'))).toMatchObject({ code: 0 })
  })

  it.each([
    ['a wrong password', () => urlFor('nobody'), /WRONGPASS/, /user:password@host/],
    ['TLS where none is spoken', () => server.url.replace('redis:', 'rediss:'), /./, /rediss:\/\//],
    [
      'a host that nobody knows',
      () => 'redis://redis.nowhere.invalid',
      /ENOTFOUND|EAI_AGAIN/,
      /Correct the host/,
    ],
  ])('tells %s', async (_name, url, detail, fix) => {
    expectTold(await look(url()), 'redis', detail, fix)
  })

  it('tells a Redis that is down', async () => {
    const port = await freePort()
    expectTold(await look(`redis://127.0.0.1:${port}`), 'redis', /ECONNREFUSED/, /Start Redis/)
  })

  it('tells a Redis that hangs', async () => {
    server.pause()
    const run = await look(server.url)
    server.resume()
    expectTold(run, 'redis', /./, /redis-cli/)
  })

  it('is looked at beside the issuer, in one command', async () => {
    const issuer = createTestIssuer()
    await issuer.listen()
    const args = ['doctor', '--issuer', issuer.issuer, '--audience', 'x', '--redis', server.url]
    const run = await doctor(args)
    expect(run.code).toBe(0)
    expect(linesOn('keys', run)[0]).toMatch(/^ok/)
    expect(linesOn('denylist', run)).not.toEqual([])
  })

  it('refuses what is no address of a Redis as a wrong command, without showing it', async () => {
    const run = await look('http://user:hunter2@127.0.0.1')
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(/"redis" must be a redis:\/\//)
    expect(run.stderr).not.toContain('hunter2')
  })
})
