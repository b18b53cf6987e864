import { expect, it } from '@jest/globals'
import { Cluster } from 'ioredis'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { RedisClient } from '../../../lib/redis/source/client.js'
import { createClientOpener } from '../../../lib/redis/source/client.js'

it('asks the masters of a Cluster where the factory wants reads from replicas: one may lag behind the beat that vouches for it', async () => {
  const source = createClientOpener(
    optionCheck('redisRevocationStore'),
    (failFast): RedisClient =>
      new Cluster([{ host: '127.0.0.1', port: 1 }], {
        ...failFast,
        redisOptions: failFast,
        scaleReads: 'slave',
        lazyConnect: true,
      }),
  )
  const client = await source.open()
  // ioredis reads it with each command.
  expect(client.options).toMatchObject({ scaleReads: 'master' })
  client.disconnect()
})
