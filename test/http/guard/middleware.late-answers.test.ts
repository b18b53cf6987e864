import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  memoryRevocationStore,
  requireBearer,
  requireScope,
  jtiBlocklist,
} from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { until } from '../../../tools/until.js'
import { serve, type RunningServer } from '../../../tools/server.js'

const issuer = createTestIssuer()
let server: RunningServer
let verdicts = 0
const faults: unknown[] = []
const keepFault = (fault: unknown): void => void faults.push(fault)

beforeAll(async () => {
  process.on('unhandledRejection', keepFault)
  const app = express()
  // Like a middleware that sets a time limit, and answers while a signature is being checked.
  app.use((_req, res, next) => {
    next()
    res.status(202).end('early')
  })
  app.use(
    requireBearer({
      ...issuer.options,
      cookie: 'token',
      verifiedTokens: false,
      onEvent: (event) => {
        if (event.name === 'bearer.accepted' || event.name === 'request.refused') verdicts += 1
      },
    }),
  )
  app.use(jtiBlocklist(memoryRevocationStore()), requireScope('admin'))
  server = await serve(app)
})

afterAll(async () => {
  process.off('unhandledRejection', keepFault)
  await server.close()
})

describe('A request that is answered before its verdict', () => {
  it.each([
    ['a forged token', 'authorization', 'Bearer ', 'read', 'AAAAAAAA'],
    ['a good token', 'authorization', 'Bearer ', 'read', ''],
    ['a token with the scope', 'authorization', 'Bearer ', 'admin', ''],
    ['a forged cookie', 'cookie', 'token=', 'read', 'AAAAAAAA'],
    ['a good cookie', 'cookie', 'token=', 'read', ''],
  ])('keeps its answer, and the process goes on: %s', async (_name, header, prefix, scope, end) => {
    const before = verdicts
    const token = issuer.token({ scope })
    const sent = `${prefix}${token.slice(0, token.length - end.length)}${end}`
    const response = await request(server.url).get('/').set(header, sent)
    expect([response.status, response.text]).toEqual([202, 'early'])
    await until(() => expect(verdicts).toBeGreaterThan(before))
    // A fault in a promise surfaces after the tick it arose in.
    await new Promise((resolve) => setImmediate(resolve))
    expect(faults).toEqual([])
  })
})
