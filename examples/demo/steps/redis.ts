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
    told: unavailable('revocation_unavailable'),
  })
  redis.resume()
  await tour.eventually({
    what: 'the good token, once Redis answers again',
    to,
    request: get('/notes', bearer(token)),
    told: { status: 200 },
    meanwhile: 503,
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
  const loggedOut = await tokenForUser(provider, 'alice', 'notes:read')
  await tour.step({
    what: 'alice logs out, just before',
    to,
    request: post('/logout', bearer(loggedOut)),
    told: { status: 204 },
    why: 'the only record of it will be lost with Redis',
  })
  await redis.loseEverything()
  await tour.eventually({
    what: 'her token, as soon as Redis answers again',
    to,
    request: get('/notes', bearer(loggedOut)),
    told: invalidToken('before_floor'),
    meanwhile: 503,
  })
  await tour.eventually({
    what: 'a fresh token',
    to,
    request: async () =>
      get('/notes', bearer(await tokenForJob(provider, { scope: 'notes:read' }))),
    told: { status: 200 },
    meanwhile: 401,
    why: 'each client refreshes once, and nobody who logged out is back',
  })
}

const NO_REDIS = 'because no Redis server is on PATH and REDIS_URL is not set'
