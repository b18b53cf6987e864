import { algNone, tampered } from '../forge.js'
import { bearer, get, post } from '../http.js'
import { tokenForJob } from '../login.js'
import { OTHER_AUDIENCE } from '../provider.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'
import { invalidToken } from '../told.js'

/** One request without a fault, and then one fault at a time. */
export async function tokenSteps(tour: Tour, { api: to, provider }: Stage): Promise<void> {
  const token = await tokenForJob(provider, { scope: 'notes:read' })
  const foreign = await tokenForJob(provider, { scope: 'notes:read', audience: OTHER_AUDIENCE })

  tour.chapter('Access tokens')
  await tour.step({
    what: 'without a token',
    to,
    request: get('/notes'),
    told: { status: 401, reason: 'no_credential', challenge: 'Bearer realm="api"' },
    why: 'nothing was offered, so the challenge names no error',
  })
  await tour.step({
    what: "a job's token, by client credentials",
    to,
    request: get('/notes', bearer(token)),
    told: { status: 200 },
    why: 'the issuer was discovered and its keys were fetched for this request',
  })
  await tour.step({
    what: 'the same token, which grants notes:read only',
    to,
    request: post('/notes', bearer(token)),
    told: {
      status: 403,
      reason: 'scope_missing',
      challenge: 'Bearer realm="api", error="insufficient_scope", scope="notes:write"',
    },
    why: 'the challenge names the scope to ask the issuer for',
  })
  await tour.step({
    what: 'one character of the signature changed',
    to,
    request: get('/notes', bearer(tampered(token))),
    told: invalidToken('bad_signature'),
    why: "the issuer's key did not sign this",
  })
  await tour.step({
    what: 'its header says alg: none',
    to,
    request: get('/notes', bearer(algNone(token))),
    told: invalidToken('algorithm_not_allowed'),
  })
  await tour.step({
    what: 'a good token for another API',
    to,
    request: get('/notes', bearer(foreign)),
    told: invalidToken('wrong_audience'),
  })
  await tour.step({
    what: 'two Authorization lines',
    to,
    request: get('/notes', bearer(token), bearer(foreign)),
    told: {
      status: 400,
      reason: 'duplicate_authorization',
      challenge: 'Bearer realm="api", error="invalid_request"',
    },
  })
}
