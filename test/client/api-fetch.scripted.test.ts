import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { apiFetch, type ApiFetchOptions } from '../../lib/client.js'

const PAGE = 'https://app.test/page/'

let sent: Request[]
/** What comes to a path, in order; 200 where nothing is left. */
let answers: Record<string, Response[]>

beforeEach(() => {
  sent = []
  answers = {}
  Object.assign(globalThis, { location: { href: PAGE } })
})

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'location')
})

/** An answer without a body. */
function answer(status: number, retryAfter?: string): Response {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': retryAfter }
  return new Response(null, { status, headers })
}

async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init)
  sent.push(request)
  return answers[new URL(request.url).pathname]?.shift() ?? answer(200)
}

function api(options: Partial<ApiFetchOptions> = {}): typeof fetch {
  return apiFetch({ refresh: '/refresh', fetch: send, ...options })
}

const paths = (): string[] => sent.map(({ url }) => url.replace('https://app.test', ''))

describe('apiFetch', () => {
  it('refreshes by a POST with the cookies of the page', async () => {
    answers = { '/notes': [answer(401)] }
    expect((await api()('/notes')).status).toBe(200)
    expect(paths()).toEqual(['/notes', '/refresh', '/notes'])
    expect(sent[1]).toMatchObject({ method: 'POST', credentials: 'include' })
  })

  it.each([
    ['a path, as the page reads it', 'notes', 'https://app.test/page/notes'],
    ['a URL', new URL('https://api.test/notes'), 'https://api.test/notes'],
    ['a request', new Request('https://api.test/notes'), 'https://api.test/notes'],
  ])('takes %s', async (_what, input, url) => {
    await api()(input)
    expect(sent.map((request) => request.url)).toEqual([url])
  })

  it('leaves the answer as it is where nobody wants to hear that the user is signed out', async () => {
    answers = { '/notes': [answer(401)], '/refresh': [answer(401)] }
    expect((await api()('/notes')).status).toBe(401)
    expect(paths()).toEqual(['/notes', '/refresh'])
  })

  it('does not send a request again where the refresh fails in an outage', async () => {
    const onSignedOut = jest.fn()
    answers = { '/notes': [answer(401)], '/refresh': [answer(500)] }
    expect((await api({ onSignedOut })('/notes')).status).toBe(401)
    expect(paths()).toEqual(['/notes', '/refresh'])
    expect(onSignedOut).not.toHaveBeenCalled()
  })

  it('repeats a request with all of its body, and three times at most', async () => {
    answers = { '/notes': [answer(503, '0'), answer(429, '0'), answer(503, '0')] }
    const response = await api()('/notes', { method: 'PUT', body: 'a note' })
    expect(response.status).toBe(503)
    const bodies = await Promise.all(sent.map((request) => request.text()))
    expect(bodies).toEqual(['a note', 'a note', 'a note'])
  })

  it('waits for no other answer than 429 and 503, whatever it says', async () => {
    answers = { '/notes': [answer(500, '0')] }
    expect((await api()('/notes')).status).toBe(500)
    expect(sent).toHaveLength(1)
  })

  it.each(['POST', 'PATCH', 'XGET', 'GETS'])(
    'does not repeat %s where it is busy',
    async (method) => {
      answers = { '/notes': [answer(503, '0')] }
      expect((await api()('/notes', { method })).status).toBe(503)
      expect(sent).toHaveLength(1)
    },
  )

  it('sends a POST again after a refresh: the first was not let in', async () => {
    answers = { '/notes': [answer(401), answer(503, '0')] }
    expect((await api()('/notes', { method: 'POST', body: 'a note' })).status).toBe(503)
    expect(paths()).toEqual(['/notes', '/refresh', '/notes'])
    expect(await sent[2]!.text()).toBe('a note')
  })
})
