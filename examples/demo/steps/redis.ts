import { bearer, get, post } from '../http.js'
import { tokenForJob, tokenForUser } from '../login.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'
import { invalidToken, unavailable } from '../told.js'

/** While the denylist cannot be asked nobody passes, because a revoked token might. */
export async function redisDownSteps(
  tour: Tour,
  { api: to, provider, redis }: Stage,
): Promise<void> {
  tour.chapter('Redis hangs')
  if (redis === undefined) {
    tour.leaveOut('Redis paused and resumed', NO_REDIS)
    return
  }
  const token = await tokenForJob(provider, { scope: 'notes:read' })
  const leaving = await tokenForUser(provider, 'alice', 'notes:read')
  redis.pause()
  await tour.step({
    what: 'a good token',
    to,
    request: get('/notes', bearer(token)),
    told: unavailable('revocation_unavailable'),
  })
  await tour.step({
    what: 'a logout, which is not reported as done',
    to,
    request: post('/logout', bearer(leaving)),
    told: unavailable('revocation_not_stored'),
  })
  redis.resume()
  await tour.eventually({
    what: 'the good token, once Redis answers again',
    to,
    request: get('/notes', bearer(token)),
    told: { status: 200 },
    why: 'nothing had to be restarted',
  })
}

/** A denylist that lost its data cannot vouch for any token from before the loss. */
export async function redisEmptySteps(
  tour: Tour,
  { api: to, provider, redis }: Stage,
): Promise<void> {
  tour.chapter('Redis is killed, and comes back empty')
  if (redis?.loseEverything === undefined) {
    const because = redis === undefined ? NO_REDIS : 'because that server is not ours to empty'
    tour.leaveOut('Redis back empty', because)
    return
  }
  const before = await tokenForJob(provider, { scope: 'notes:read' })
  await redis.loseEverything()
  await tour.eventually({
    what: 'a good token from before the loss',
    to,
    request: get('/notes', bearer(before)),
    told: invalidToken('before_floor'),
  })
  await tour.eventually({
    what: 'a fresh token',
    to,
    request: async () =>
      get('/notes', bearer(await tokenForJob(provider, { scope: 'notes:read' }))),
    told: { status: 200 },
    why: 'users log in again or refresh once, and nothing revoked came back to life',
  })
}

const NO_REDIS = 'because no Redis server is on PATH and REDIS_URL is not set'
