import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { csrfGuard, requireBearer } from '../../../lib/index.js'

const ORIGIN = 'https://app.example.com'
const issuer = { issuer: 'https://id.example.com', audience: 'https://api.example.com' }
const environment = process.env['NODE_ENV']

let warnings: unknown[]

beforeEach(() => {
  warnings = []
  jest.spyOn(process, 'emitWarning').mockImplementation((...warning) => void warnings.push(warning))
})

afterEach(() => {
  jest.restoreAllMocks()
  process.env['NODE_ENV'] = environment
})

describe('a server that does not say what its origin is', () => {
  it.each([
    ['csrfGuard', 'origin', () => csrfGuard()],
    ['requireBearer', 'cookie.origin', () => requireBearer({ ...issuer, cookie: 'at' }).close()],
  ])('is warned at start-up, in production, by %s', (factory, option, construct) => {
    process.env['NODE_ENV'] = 'production'
    construct()
    const text: unknown = expect.stringMatching(`^${factory}: "${option}" is not set`)
    expect(warnings).toEqual([[text, { code: 'ERS_NO_ORIGIN' }]])
  })

  it('is not warned where it does, where no cookie counts, and in development', () => {
    process.env['NODE_ENV'] = 'production'
    csrfGuard({ origin: ORIGIN })
    requireBearer({ ...issuer, cookie: { name: 'at', origin: ORIGIN } }).close()
    requireBearer(issuer).close()
    process.env['NODE_ENV'] = 'development'
    csrfGuard()
    expect(warnings).toEqual([])
  })
})
