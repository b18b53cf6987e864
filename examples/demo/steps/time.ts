import { bearer, get } from '../http.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'
import { invalidToken } from '../told.js'

/** @param token One that the issuer gave a life of one second. */
export async function expirySteps(tour: Tour, { api: to }: Stage, token: string): Promise<void> {
  tour.chapter('Time passes')
  await tour.eventually({
    what: 'issued to live for one second',
    to,
    request: get('/notes', bearer(token)),
    told: invalidToken('expired'),
    meanwhile: 200,
  })
}
