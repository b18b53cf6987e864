import { bearer, get, post, type HeaderLine } from '../http.js'
import { tokenForUser } from '../login.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'

/** What a browser adds to a request by itself, when a page of another site sends it. */
const CROSS_SITE: readonly HeaderLine[] = [
  ['Sec-Fetch-Site', 'cross-site'],
  ['Sec-Fetch-Mode', 'no-cors'],
  ['Sec-Fetch-Dest', 'empty'],
  ['Origin', 'https://evil.example'],
]

/** The same request, sent by our own page and by another site's. */
export async function browserSteps(tour: Tour, { api: to, provider }: Stage): Promise<void> {
  const token = await tokenForUser(provider, 'alice', 'notes:read notes:write')

  tour.chapter('Browsers')
  await tour.step({
    what: 'sent by a page of this site',
    to,
    request: post('/notes', ['Sec-Fetch-Site', 'same-origin'], bearer(token)),
    told: { status: 201 },
    why: 'the browser says where a request comes from, and no script can say it in its place',
  })
  await tour.step({
    what: 'sent by a page of evil.example',
    to,
    request: post('/notes', ...CROSS_SITE, bearer(token)),
    told: { status: 403, reason: 'csrf_cross_site' },
  })
  await tour.step({
    what: 'what every answer tells browsers not to do',
    to,
    request: get('/notes', bearer(token)),
    told: {
      status: 200,
      headers: {
        'X-Frame-Options': 'DENY',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'no-store',
      },
    },
  })
}
