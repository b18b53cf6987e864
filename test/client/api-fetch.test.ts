import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { apiFetch, type ApiFetchOptions } from '../../lib/client.js'
import { serve, type RunningServer } from '../../tools/server.js'

describe('apiFetch', () => {
  let server: RunningServer
  let answers: number[]
  let retryAfter: string | undefined
  let refreshStatus: number
  let refreshes: number
  let loggedIn: boolean
  let bodies: string[]

  beforeEach(async () => {
    answers = []
    retryAfter = '0'
    refreshStatus = 204
    refreshes = 0
    loggedIn = false
    bodies = []
    server = await serve((req: IncomingMessage, res: ServerResponse) => {
      if (req.url === '/refresh') {
        refreshes += 1
        loggedIn = refreshStatus === 204
        res.writeHead(refreshStatus).end()
        return
      }
      let body = ''
      req.setEncoding('utf8').on('data', (text: string) => (body += text))
      req.on('end', () => {
        bodies.push(body)
        const status = answers.shift() ?? (loggedIn ? 200 : 401)
        const headers =
          status >= 429 && retryAfter !== undefined ? { 'Retry-After': retryAfter } : {}
        res.writeHead(status, headers).end('an answer')
      })
    })
  })
  afterEach(() => server.close())

  function api(options: Partial<ApiFetchOptions> = {}): typeof fetch {
    return apiFetch({ refresh: `${server.url}/refresh`, ...options })
  }

  it('refreshes on 401, and sends the request once more with its body', async () => {
    const response = await api()(`${server.url}/notes`, { method: 'POST', body: 'a note' })
    expect(response.status).toBe(200)
    expect(bodies).toStrictEqual(['a note', 'a note'])
    expect(refreshes).toBe(1)
  })

  it('refreshes once for requests that are refused at once', async () => {
    const call = api()
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => call(`${server.url}/notes`)),
    )
    expect(responses.map(({ status }) => status)).toStrictEqual([200, 200, 200, 200, 200])
    expect(refreshes).toBe(1)
  })

  it('sends a request only once more: a second 401 is the answer', async () => {
    answers = [401, 401]
    expect((await api()(`${server.url}/notes`)).status).toBe(401)
    expect(refreshes).toBe(1)
  })

  it.each([400, 401, 403])(
    'says that the user is signed out when the refresh is %d',
    async (status) => {
      refreshStatus = status
      const onSignedOut = jest.fn()
      const response = await api({ onSignedOut })(`${server.url}/notes`)
      expect(response.status).toBe(401)
      expect(await response.text()).toBe('an answer')
      expect(onSignedOut).toHaveBeenCalledTimes(1)
    },
  )

  it.each([500, 502, 503])('signs nobody out when the refresh is %d', async (status) => {
    refreshStatus = status
    const onSignedOut = jest.fn()
    expect((await api({ onSignedOut })(`${server.url}/notes`)).status).toBe(401)
    expect(onSignedOut).not.toHaveBeenCalled()
  })

  it.each([429, 503])('waits for Retry-After on %d, and asks again', async (status) => {
    loggedIn = true
    answers = [status, status]
    expect((await api()(`${server.url}/notes`)).status).toBe(200)
    expect(bodies).toHaveLength(3)
  })

  it('gives up after three attempts', async () => {
    answers = [503, 503, 503, 503]
    expect((await api()(`${server.url}/notes`)).status).toBe(503)
    expect(bodies).toHaveLength(3)
  })

  it.each(['31', undefined, 'Fri, 31 Dec 1999 23:59:59 GMT'])(
    'does not wait where Retry-After is %p',
    async (value) => {
      retryAfter = value
      answers = [503]
      expect((await api()(`${server.url}/notes`)).status).toBe(503)
    },
  )

  it('repeats no POST that a server may have begun to handle', async () => {
    answers = [503]
    const response = await api()(`${server.url}/notes`, { method: 'POST', body: 'a note' })
    expect(response.status).toBe(503)
    expect(bodies).toHaveLength(1)
  })

  it('ends its wait when the request is aborted', async () => {
    retryAfter = '30'
    answers = [503]
    const aborting = new AbortController()
    const { signal } = aborting
    setTimeout(() => aborting.abort(new Error('enough')), 20)
    await expect(api()(`${server.url}/notes`, { signal })).rejects.toThrow('enough')
  })

  it('sends a stream once', async () => {
    const body = new Blob(['streamed']).stream()
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect((await api()(`${server.url}/notes`, init)).status).toBe(401)
    expect(bodies).toStrictEqual(['streamed'])
  })

  it('is under 2 kB, and needs no package', () => {
    const { outputFiles } = buildSync({
      entryPoints: ['lib/client.ts'],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    })
    expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(2048)
    expect(readFileSync('lib/client.ts', 'utf8')).not.toContain("from 'node:")
  })
})
