import { once } from 'node:events'
import { connect, createServer, type ClientHttp2Session, type Http2Server } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { strictCors, tokenCookie } from '../../lib/browser.js'
import { csrfGuard, securityHeaders, type AuthEvent } from '../../lib/index.js'

const events: AuthEvent[] = []
let server: Http2Server
let client: ClientHttp2Session

beforeAll(async () => {
  const headers = securityHeaders()
  const origins = ['https://app.example.com']
  const cors = strictCors({ trustedOrigins: origins, onEvent: (event) => events.push(event) })
  const csrf = csrfGuard()
  const cookie = tokenCookie()
  server = createServer((request, response) => {
    // Node's compatibility API: as much like HTTP/1 as it gets.
    const req = request as unknown as IncomingMessage
    const res = response as unknown as ServerResponse
    headers(req, res, () =>
      cors(req, res, () =>
        csrf(req, res, () => {
          if (req.url === '/login') cookie.set(res, 'a.b.c', { expiresAt: 9_999_999_999 })
          res.end('{}')
        }),
      ),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

afterAll(async () => {
  client.close()
  server.close()
  await once(server, 'close')
})

async function ask(
  headers: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const stream = client.request({ ':authority': 'api.example.com', ...headers })
  stream.resume().end()
  const [answer] = (await once(stream, 'response')) as [Record<string, unknown>]
  await once(stream, 'close')
  return answer
}

const post = { ':method': 'POST', cookie: 'a=b' }

describe('over HTTP/2, :authority names the host', () => {
  it('for Strict-Transport-Security', async () => {
    expect((await ask({}))['strict-transport-security']).toContain('max-age=')
    const local = await ask({ ':authority': 'localhost:8443' })
    expect(local).not.toHaveProperty('strict-transport-security')
  })

  it.each([
    ['pass without Fetch Metadata', 'http://api.example.com', 200],
    ['are refused where they are foreign', 'https://evil.example', 403],
  ])('for csrfGuard: pages %s', async (_name, origin, status) => {
    expect((await ask({ ...post, origin }))[':status']).toBe(status)
  })

  it('for csrfGuard, also where a Host came that says otherwise', async () => {
    const headers = { ...post, host: 'evil.example', origin: 'https://evil.example' }
    expect((await ask(headers))[':status']).not.toBe(200)
  })

  it('for strictCors, which tells of foreign pages only', async () => {
    events.length = 0
    await ask({ origin: 'http://api.example.com' })
    await ask({ origin: 'https://evil.example' })
    expect(events).toEqual([{ name: 'cors.rejected', origin: 'https://evil.example' }])
  })

  it('for tokenCookie, which writes to loopback hosts without TLS', async () => {
    const answer = await ask({ ':path': '/login', ':authority': 'localhost' })
    expect(String(answer['set-cookie'])).toContain('__Host-Http-access_token=a.b.c')
  })
})
