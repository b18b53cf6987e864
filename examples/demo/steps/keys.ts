import { bearer, get } from '../http.js'
import { tokenForJob } from '../login.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'
import { invalidToken, unavailable } from '../told.js'

/** A rotation takes effect at once, both ways. */
export async function rotationSteps(tour: Tour, { api: to, provider }: Stage): Promise<void> {
  const before = await tokenForJob(provider, { scope: 'notes:read' })
  provider.rotateKey()
  const after = await tokenForJob(provider, { scope: 'notes:read' })

  tour.chapter('The issuer rotates its signing key and withdraws the old one')
  await tour.step({
    what: 'signed with the new key',
    to,
    request: get('/notes', bearer(after)),
    told: { status: 200 },
    why: 'its kid was unknown, so this request waited for one refetch of the keys',
  })
  await tour.step({
    what: 'signed with the withdrawn key',
    to,
    request: get('/notes', bearer(before)),
    told: invalidToken('unknown_key'),
  })
}

/** A guard that has keys serves on; one that has none does not know, and says so. */
export async function issuerDownSteps(tour: Tour, stage: Stage): Promise<void> {
  const { api, provider } = stage
  const token = await tokenForJob(provider, { scope: 'notes:read' })
  const secondApi = await stage.startSecondApi()
  await provider.close()

  tour.chapter('The issuer is down')
  await tour.step({
    what: 'at the API that holds its keys',
    to: api,
    request: get('/notes', bearer(token)),
    told: { status: 200 },
    why: 'no request needs the issuer while the keys are fresh, nor for an hour after',
  })
  await tour.step({
    what: 'at a second instance, just started',
    to: secondApi,
    request: get('/notes', bearer(token)),
    told: unavailable('keys_unavailable'),
  })
  await provider.open()
  await tour.eventually({
    what: 'at the second instance, once the issuer is back',
    to: secondApi,
    request: get('/notes', bearer(token)),
    told: { status: 200 },
    meanwhile: 503,
    why: 'nothing had to be restarted',
  })
}
