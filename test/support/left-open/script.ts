// Run by the tests as a process of its own: uses Redis and closes nothing. It must not end before the
// answers came, and must end by itself after that.
import { createServer } from 'node:http'
import express from 'express'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { authSignal, jtiBlocklist, requireBearer } from '../../../lib/index.js'
import {
  redisFamilyStore,
  redisReplayStore,
  redisRevocationStore,
  type RedisRevocationStore,
} from '../../../lib/redis.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { running } from '../../../tools/server.js'

const [, , step = '', mode = ''] = process.argv
const url = process.env['REDIS_URL'] ?? ''

const SOURCES = {
  url: () => url,
  factory: () => (options: object) => new Redis(url, options),
  ioredis: () => new Redis(url, { lazyConnect: true }),
  'node-redis': () => createClient({ url }),
}

function open(source: keyof typeof SOURCES = 'url'): RedisRevocationStore {
  return redisRevocationStore({
    redis: SOURCES[source](),
    onEmpty: 'initialize',
    ...(mode === 'replicated' ? { mode } : {}),
  })
}

async function ask(source: keyof typeof SOURCES): Promise<void> {
  await open(source).ready()
  const store = open(source)
  await store.revokeSubject({ issuer: 'i', subject: 's' })
  const now = Math.floor(Date.now() / 1000)
  const token = {
    issuer: 'i',
    subject: 's',
    tokenId: 't',
    sessionId: undefined,
    clientId: undefined,
  }
  const verdict = await open(source).check({
    ...token,
    issuedAt: now - 60,
    expiresAt: now + 60,
    version: undefined,
  })
  console.log(verdict.revoked)
}

/** An API with an open stream, whose server is closed. */
async function serve(): Promise<void> {
  const issuer = createTestIssuer()
  await issuer.listen()
  const store = open()
  const app = express()
  const guards = [requireBearer(issuer.options), jtiBlocklist(store)]
  app.get('/', ...guards, (req, res) => {
    authSignal(req).addEventListener('abort', () => res.end())
    res.writeHead(200, { Connection: 'close' })
    res.write('open')
    setTimeout(() => res.end(), 100)
  })
  const server = await running(createServer(app))
  const headers = { Authorization: `Bearer ${issuer.token()}` }
  const answer = await fetch(server.url, { headers })
  console.log(answer.status, await answer.text())
  await server.close()
}

const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  url: () => ask('url'),
  factory: () => ask('factory'),
  ioredis: () => ask('ioredis'),
  'node-redis': () => ask('node-redis'),
  nothing: async () => void open(),
  serve,
  others: async () => {
    const claim = { thumbprint: 't', proofId: 'p', ttlMs: 1000 }
    console.log(await redisReplayStore({ redis: url }).claim(claim))
    const families = redisFamilyStore({ redis: url })
    console.log(await families.find({ tag: 'a', id: 'b' }))
  },
  'wait for nobody': async () => {
    const store = redisRevocationStore({ redis: 'redis://127.0.0.1:1' })
    setTimeout(() => void store.close(), 300).unref()
    await store.ready().catch(() => console.log('closed'))
  },
}

await STEPS[step]!()
console.log('done')
