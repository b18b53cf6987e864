import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createAdmission, type IsFailure, type Limited } from '../../lib/browser/admission.js'
import type { AttemptLimit } from '../../lib/browser/attempt-limit.js'

let res: EventEmitter & { closed: boolean; writableFinished: boolean; statusCode: number }
let log: string[]
const req = { method: 'POST' } as IncomingMessage
const warned = jest.spyOn(process, 'emitWarning')

beforeEach(() => {
  log = []
  res = Object.assign(new EventEmitter(), {
    closed: false,
    writableFinished: false,
    statusCode: 200,
  })
  warned.mockReset().mockReturnValue()
})

afterEach(() => {
  warned.mockReset()
})

/** A limit that gives a place at once, and writes down how it comes back. */
const open =
  (name: string): AttemptLimit =>
  (key, _exchange, begin) => {
    log.push(`${name} takes ${key}`)
    begin({ end: (failed) => log.push(`${name} ends ${failed ? 'badly' : 'well'}`) })
  }

function admit(
  limited: Limited[],
  isFailure: IsFailure = (_req, { statusCode }) => statusCode >= 400,
): void {
  const exchange = {
    req,
    res: res as unknown as ServerResponse,
    next: (error?: unknown) =>
      void log.push(error === undefined ? 'handler' : 'next with an error'),
  }
  createAdmission(isFailure)(limited, exchange)
}

const both = (): Limited[] => [
  { limit: open('network'), key: 'n' },
  { limit: open('account'), key: 'a' },
]

function answered(statusCode: number): void {
  res.statusCode = statusCode
  res.writableFinished = true
  res.emit('finish')
}

describe('an attempt', () => {
  it('reaches the handler once it has a place under every limit, in their order', () => {
    admit(both())
    expect(log).toEqual(['network takes n', 'account takes a', 'handler'])
  })

  it.each<[string, number, string]>([
    ['well', 200, 'well'],
    ['badly', 401, 'badly'],
    ['well where a limiter of the app refused it', 429, 'well'],
  ])('that ends %s gives its places back so, once', (_name, status, ended) => {
    admit(both(), () => status !== 200)
    log.length = 0
    answered(status)
    res.emit('close')
    expect(log).toEqual([`network ends ${ended}`, `account ends ${ended}`])
  })

  it('that nobody waited to see answered has failed', () => {
    admit(both())
    log.length = 0
    res.emit('close')
    expect(log).toEqual(['network ends badly', 'account ends badly'])
  })

  it('that was refused by a later limit gives its place back well', () => {
    admit([
      { limit: open('network'), key: 'n' },
      { limit: () => undefined, key: 'a' },
    ])
    answered(429)
    expect(log).toEqual(['network takes n', 'network ends well'])
  })

  it('whose sender left while it waited has guessed nothing, and reaches no handler', () => {
    const begins: ((place: { end(failed: boolean): void }) => void)[] = []
    admit([{ limit: (_key, _exchange, begin) => void begins.push(begin), key: 'n' }])
    res.emit('close')
    begins[0]!({ end: (failed) => log.push(`ends ${failed ? 'badly' : 'well'}`) })
    expect(log).toEqual(['ends well'])
  })

  it('whose sender left before has guessed nothing', () => {
    res.closed = true
    admit([{ limit: open('network'), key: 'n' }])
    expect(log).toEqual(['network takes n', 'network ends well'])
  })
})

const thrower = (): never => {
  throw new TypeError('x of undefined')
}

describe('a judge of failures', () => {
  it.each<[string, IsFailure]>([
    ['throws', thrower],
    ['rejects', async () => thrower()],
    ['answers later', async () => false],
  ])('that %s counts a failure', async (_name, isFailure) => {
    admit([{ limit: open('network'), key: 'n' }], isFailure)
    answered(200)
    await Promise.resolve()
    expect(log.at(-1)).toBe('network ends badly')
  })

  it('is complained of once, by the name of what it threw', () => {
    const admission = createAdmission(thrower)
    for (let n = 0; n < 2; n += 1) {
      const one = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished: true })
      admission([], { req, res: one as unknown as ServerResponse, next: () => undefined })
      one.emit('finish')
    }
    expect(warned.mock.calls).toEqual([
      [
        'authRateLimit: "isFailure" failed (TypeError), which counts as a failure',
        { code: 'ERS_IS_FAILURE' },
      ],
    ])
  })

  it('may reject with what is no error', async () => {
    admit([], () => Promise.reject('nothing'))
    answered(200)
    await Promise.resolve()
    expect(warned.mock.calls[0]![0]).toContain('failed (string)')
  })

  it('is shown the request and its answer', () => {
    const shown: unknown[] = []
    admit([], (...args) => shown.push(args) > 9)
    answered(200)
    expect(shown).toEqual([[req, res]])
  })
})
