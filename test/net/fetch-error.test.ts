import { describe, expect, it } from '@jest/globals'
import { FetchError, fetchErrorAt } from '../../lib/net/fetch-error.js'

const url = new URL('https://id.test/jwks')

describe('fetchErrorAt', () => {
  it('names the place and the code, never the message, which may quote what came', () => {
    const cause = Object.assign(new Error('hunter2'), { code: 'ECONNRESET' })
    const error = fetchErrorAt(url, cause)
    expect(error.message).toBe('https://id.test/jwks could not be read (ECONNRESET)')
    expect([error.cause, error.status, error.retryAfterSeconds]).toEqual([
      cause,
      undefined,
      undefined,
    ])
  })

  it.each([new Error('hunter2'), 'hunter2', undefined, { code: 7 }])(
    'says so of %p, which has no code',
    (cause) => {
      const message = 'https://id.test/jwks could not be read (unknown error)'
      expect(fetchErrorAt(url, cause).message).toBe(message)
    },
  )

  it('adds the place to what a FetchError says, and keeps the rest of it', () => {
    const cause = new FetchError('The answer is 503', { status: 503, retryAfterSeconds: 7 })
    expect(fetchErrorAt(url, cause)).toMatchObject({
      name: 'FetchError',
      message: 'https://id.test/jwks: The answer is 503',
      status: 503,
      retryAfterSeconds: 7,
      cause,
    })
  })

  it('leaves out the credentials of a URL that a document named', () => {
    const named = new URL('https://me:hunter2@id.test/jwks')
    const { message } = fetchErrorAt(named, new FetchError('It is refused'), 'The jwks_uri ')
    expect(message).toBe('The jwks_uri https://id.test/jwks: It is refused')
  })
})
