import { bearer, get, post } from '../http.js'
import { logIn, tokenForUser } from '../login.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'
import { invalidToken } from '../told.js'

/** A logout ends one session of a user, at once, and no other. */
export async function logoutSteps(tour: Tour, { api: to, provider }: Stage): Promise<void> {
  const laptop = await tokenForUser(provider, 'alice', 'notes:read notes:write')
  const phone = await tokenForUser(provider, 'alice', 'notes:read')
  const tablet = await logIn(provider, 'alice', 'notes:read')

  tour.chapter('Logout')
  await tour.step({
    what: 'alice, logged in on her laptop by code and PKCE',
    to,
    request: get('/notes', bearer(laptop)),
    told: { status: 200 },
    why: 'the token names the session it belongs to (sid)',
  })
  await tour.step({
    what: 'she logs out there',
    to,
    request: post('/logout', bearer(laptop)),
    told: { status: 204 },
    why: 'answered once the revocation of the session is stored',
  })
  await tour.step({
    what: 'the same token again',
    to,
    request: get('/notes', bearer(laptop)),
    told: invalidToken('revoked'),
  })
  await tour.step({
    what: 'her session on the phone',
    to,
    request: get('/notes', bearer(phone)),
    told: { status: 200 },
    why: 'another session of the same user goes on',
  })
  await tour.step({
    what: 'a third one, on the tablet',
    to,
    request: get('/notes', bearer(tablet.token)),
    told: { status: 200 },
  })
  await tour.step({
    what: 'the same, after she logged out at the issuer',
    to,
    async request() {
      await tablet.logOutAtIssuer()
      return get('/notes', bearer(tablet.token))
    },
    told: invalidToken('revoked'),
    why: 'the issuer told the API by a logout token, from server to server',
  })
}
