import { once } from 'node:events'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from '@jest/globals'
import express, { type RequestHandler } from 'express'
import request from 'supertest'
import {
  AuthError,
  authSignal,
  jtiBlocklist,
  memoryRevocationStore,
  optionalAuthOf,
  requireBearer,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

const issuer = createTestIssuer()
const bearer = requireBearer({ ...issuer.options, clockToleranceSeconds: 0, optional: true })

afterAll(async () => {
  bearer.close()
})

/** What the handler saw, as the body of the answer. */
async function answerOf(
  guards: readonly RequestHandler[],
  see: (signal: AbortSignal) => Promise<string>,
  token?: string,
): Promise<string> {
  const app = express()
  app.get('/', ...guards, (req, res) => {
    try {
      void see(authSignal(req)).then((text) => res.send(text))
    } catch (error) {
      res.send((error as Error).message)
    }
  })
  const server = await serve(app)
  const asking = request(server.url).get('/')
  const answer = await (token === undefined
    ? asking
    : asking.set('Authorization', `Bearer ${token}`))
  await server.close()
  return answer.text
}

async function reasonOf(signal: AbortSignal): Promise<string> {
  if (!signal.aborted) await once(signal, 'abort')
  return signal.reason instanceof AuthError ? signal.reason.reason : 'no AuthError'
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds

describe('authSignal', () => {
  it('aborts when the token expires', async () => {
    const token = issuer.token({ exp: inSeconds(2) })
    expect(await answerOf([bearer], reasonOf, token)).toBe('expired')
  })

  it('aborts when the token is revoked', async () => {
    const store = memoryRevocationStore()
    const revoke: RequestHandler = (req, _res, next) => {
      void (async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await store.revokeToken(optionalAuthOf(req)!)
      })()
      next()
    }
    const guards = [bearer, jtiBlocklist(store), revoke]
    expect(await answerOf(guards, reasonOf, issuer.token())).toBe('revoked')
  })

  it('is a fault of the program for an anonymous request', async () => {
    expect(await answerOf([bearer], reasonOf)).toMatch(/^authSignal: this request is anonymous/)
  })

  it('is a fault of the program where no requireBearer ran', async () => {
    expect(await answerOf([], reasonOf)).toMatch(/^authSignal: no requireBearer ran/)
  })

  it('works with tokens that a verifier of the app judges', async () => {
    const inner = requireBearer(issuer.options)
    await inner.ready()
    const { createVerifier } = await import('../../lib/fetch.js')
    const judge = createVerifier(issuer.options)
    const own = requireBearer({
      verifier: { verify: async ({ token }) => ({ ...(await judge.verify(token)) }) },
    })
    const token = issuer.token({ exp: inSeconds(2) })
    expect(await answerOf([own], reasonOf, token)).toBe('expired')
    inner.close()
    judge.close()
  })

  it('serves HTTP/2 by the compatibility API of Node', async () => {
    const seen: Promise<string>[] = []
    const server = createHttp2Server((req, res) => {
      const [asNode, answer] = [req, res] as unknown as [IncomingMessage, ServerResponse]
      bearer(asNode, answer, () => {
        seen.push(reasonOf(authSignal(asNode)))
        res.writeHead(200)
        res.write('open')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const token = issuer.token({ exp: inSeconds(2) })
    const stream = session.request({ ':path': '/', authorization: `Bearer ${token}` })
    await once(stream, 'response')
    expect(await seen[0]).toBe('expired')
    session.destroy()
    server.close()
  })
})
