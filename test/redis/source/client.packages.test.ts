import { expect, it, jest } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { faultOf } from '../../../lib/redis/errors.js'
import { createClientOpener } from '../../../lib/redis/source/client.js'

const missing = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' }))

it('a URL without a package for it is told of once, and in the detail of each refusal', async () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
  const check = optionCheck('redisSessionStore')
  const packages = { ioredis: missing, redis: missing }
  const opener = createClientOpener(check, 'redis://127.0.0.1:1', 'redis', packages)
  const why = 'A URL in "redis" needs the package ioredis, or redis: npm install ioredis'
  const attempt = (): Promise<unknown> => opener.open().catch((error: unknown) => error)
  for (const fault of [await attempt(), await attempt()]) {
    expect(faultOf(fault)).toMatchObject({ permanent: true, detail: why })
  }
  expect(emitWarning.mock.calls).toEqual([
    [`redisSessionStore: ${why}`, { code: 'ERS_MISSING_PEER' }],
  ])
  emitWarning.mockRestore()
})
