import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { once } from 'node:events'
import { connect } from 'node:net'
import { startRedis } from '../tools/redis-server.js'
import { until } from '../tools/until.js'
import { runDemo } from './support/run-demo.js'

// Concurrently: an outage of the tour is waited for, at hardly any cost to the processor.
describe('npm run demo -- --tour --check', () => {
  it.concurrent(
    'gets every answer it tells of, outages of the issuer and of Redis included',
    async () => {
      const demo = runDemo(['--tour', '--check'])
      const code = await demo.ended
      const { output } = demo
      expect({ code, faults: output.match(/^ {2}✗.*$/gm) }).toEqual({ code: 0, faults: null })
      expect(output).toMatch(/All \d+ answers were as told\.\n$/)
      expect(output).not.toMatch(/left out|oidc-provider (?:WARNING|NOTICE)/)
      expect(output).not.toContain('\u001B')
    },
    60_000,
  )

  it.concurrent(
    'says what it leaves out where there is no Redis server',
    async () => {
      const demo = runDemo(['--tour', '--check'], { PATH: '/nowhere' })
      expect(await demo.ended).toBe(0)
      expect(demo.output.match(/left out, because no Redis server is on PATH/g)).toHaveLength(2)
    },
    60_000,
  )
})

describe('npm run demo -- --tour --check with a server at REDIS_URL', () => {
  it.concurrent(
    'cuts its own way to that server, and leaves the server and its data alone',
    async () => {
      const server = await startRedis()
      const client = new Redis(server.url)
      try {
        await client.set('precious', 'kept')
        const demo = runDemo(['--tour', '--check'], { REDIS_URL: server.url })
        expect(await demo.ended).toBe(0)
        expect(demo.output).toContain('left out, because that server is not ours to empty')
        expect(await client.get('precious')).toBe('kept')
        expect(await client.info('commandstats')).not.toMatch(/flush|shutdown|pause|debug/)
      } finally {
        client.disconnect()
        await server.stop()
      }
    },
    60_000,
  )
})

describe('npm run demo -- --tour', () => {
  it.concurrent(
    'serves on after the tour with the tokens it prints, until Ctrl-C ends all of it',
    async () => {
      const demo = runDemo(['--tour'])
      const [api, token] = await until(() => {
        const printed = /^JOB=(\S+)$/m.exec(demo.output)?.[1]
        expect(printed).toBeDefined()
        return [/API +(\S+)/.exec(demo.output)?.[1] ?? '', printed ?? '']
      }, 50_000)
      const answer = await fetch(`${api}/notes`, { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(200)

      demo.interrupt()
      expect(await demo.ended).toBe(0)
      const redisPort = Number(/Redis server of its own, port (\d+)/.exec(demo.output)?.[1])
      const [error] = (await once(connect(redisPort, '127.0.0.1'), 'error')) as [Error]
      expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    },
    60_000,
  )
})
