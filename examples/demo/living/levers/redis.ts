import { until } from '../../../../tools/until.js'
import type { ToldState } from '../hub.js'
import type { RedisLine } from '../redis-line.js'
import type { Lever } from './lever.js'

const NO_REDIS =
  'No Redis here: the denylist is in memory, which nothing can cut. Install redis-server, or set REDIS_URL, and start the demo again.'

export const cutRedis: Lever = moving('cut', (redis) => redis.cut(), 'Every connection breaks.')

export const holdRedis: Lever = moving(
  'held',
  (redis) => redis.hold(),
  'Connections stay open and nothing comes back: a black hole. The guard waits half a second, no longer.',
)

export const healRedis: Lever = moving(
  'well',
  (redis) => redis.heal(),
  'The way to Redis is whole. Nothing had to be restarted.',
)

function moving(state: ToldState['redis'], move: (redis: RedisLine) => void, note: string): Lever {
  return async ({ stage: { redis, hub, revocations } }) => {
    if (redis === undefined) return { note: NO_REDIS, exchanges: [] }
    move(redis)
    hub.tell({ type: 'state', redis: state })
    if (state === 'well') {
      await until(() => {
        if (!revocations.status().ready) throw new Error('Redis does not answer yet')
      })
    }
    return { note, exchanges: [] }
  }
}
