import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { createClient, type Client } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocket, WebSocketServer } from 'ws'
import {
  AuthError,
  authOf,
  authSignal,
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  verifyUpgrade,
  type Auth,
  type RevocationStore,
} from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'

const issuer = createTestIssuer()
let store: RevocationStore
let sockets: WebSocketServer
let url: string
const clients: Client[] = []
const auths: Auth[] = []

/** One value at once, then none for as long as the client listens. */
async function* greetings(_root: unknown, _args: unknown, { auth }: { auth: Auth }) {
  auths.push(auth)
  yield { hello: auth.subject }
  await new Promise(() => {})
}

const query = new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString } } })
const subscription = new GraphQLObjectType({
  name: 'Subscription',
  fields: { hello: { type: GraphQLString, subscribe: greetings } },
})

beforeAll(async () => {
  store = memoryRevocationStore({ clockToleranceSeconds: 0 })
  const bearer = requireBearer(issuer.options)
  const upgrade = verifyUpgrade(bearer, jtiBlocklist(store))
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/graphql' })
  // The recipe of docs/streams.md.
  useServer(
    {
      schema: new GraphQLSchema({ query, subscription }),
      async onConnect({ connectionParams, extra }) {
        const { request, socket } = extra
        const token = connectionParams?.['token']
        request.headers.authorization = typeof token === 'string' ? `Bearer ${token}` : undefined
        try {
          await upgrade(request)
        } catch (error) {
          if (error instanceof AuthError) return false
          throw error
        }
        authSignal(request).addEventListener('abort', () => socket.close(4403, 'Forbidden'))
        return true
      },
      context: ({ extra }) => ({ auth: authOf(extra.request) }),
    },
    sockets,
  )
  await once(sockets, 'listening')
  url = `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/graphql`
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose()
})

afterAll(async () => {
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
})

type Values = AsyncIterableIterator<{ data?: Record<string, unknown> | null | undefined }>

/** With the client of graphql-ws, which connects again once after a close that is not final. */
function subscribe(connectionParams: () => Promise<Record<string, unknown>>): Values {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 1,
    retryWait: async () => {},
  })
  clients.push(client)
  return client.iterate({ query: 'subscription { hello }' })
}

describe('the recipe for GraphQL subscriptions', () => {
  it('lets a client in whose "connectionParams" have a good token, and ends with it', async () => {
    const token = issuer.token({ sub: 'user-7' })
    const values = subscribe(async () => ({ token }))
    expect((await values.next()).value).toEqual({ data: { hello: 'user-7' } })
    const end = values.next()
    await store.revokeToken(auths.at(-1)!)
    await expect(end).rejects.toMatchObject({ code: 4403, reason: 'Forbidden' })
  })

  it('goes on with the next token, where the client has one', async () => {
    const tokens = [issuer.token({ sub: 'first' }), issuer.token({ sub: 'second' })]
    const values = subscribe(async () => ({ token: tokens.shift() }))
    expect((await values.next()).value).toEqual({ data: { hello: 'first' } })
    const next = values.next()
    await store.revokeToken(auths.at(-1)!)
    expect((await next).value).toEqual({ data: { hello: 'second' } })
  })

  it.each([
    ['an expired token', async () => ({ token: issuer.expired() })],
    ['a token that is none', async () => ({ token: 'x' })],
    ['a token that is no text', async () => ({ token: { toString: 1 } })],
    ['another token in front of it', async () => ({ token: `x, Bearer ${issuer.token()}` })],
    ['no token', async () => ({})],
  ])('closes the socket with 4403, for %s', async (_case, connectionParams) => {
    const before = auths.length
    const values = subscribe(connectionParams)
    await expect(values.next()).rejects.toMatchObject({ code: 4403, reason: 'Forbidden' })
    expect(auths).toHaveLength(before)
  })

  it('answers no subscription that comes before the token was judged', async () => {
    const before = auths.length
    const socket = new WebSocket(url, 'graphql-transport-ws')
    await once(socket, 'open')
    const payload = { query: 'subscription { hello }' }
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token: issuer.token() } }))
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(4401)
    expect(auths).toHaveLength(before)
  })
})
