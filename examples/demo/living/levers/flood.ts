import { tampered } from '../../forge.js'
import { bearer, get, send } from '../../http.js'
import { tokenForJob } from '../../login.js'
import { exchange, type Exchange, type Lever, type Reach } from './lever.js'

const REQUESTS = 40
/** Another address of this machine, so that your own browser is not in the attacker's network. */
const ATTACKER = '127.0.0.2'

/** Bad tokens of one network are soon answered without a look at them; good ones of it still pass. */
export const flood: Lever = async (reach) => {
  const good = await tokenForJob(reach.stage.provider, { scope: 'notes:read' })
  const from = await canSendFrom(reach, ATTACKER)
  const bad = get('/api/notes', bearer(tampered(good)))
  const counts = new Map<number, number>()
  let last: Exchange | undefined
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    last = await exchange(reach, 'The last bad token', bad, from)
    counts.set(last.status, (counts.get(last.status) ?? 0) + 1)
  }
  const title = 'A good token, from the same address'
  const passed = await exchange(reach, title, get('/api/notes', bearer(good)), from)
  const told = [...counts].map(([status, count]) => `${count} × ${status}`).join(', ')
  const note = `${REQUESTS} requests with forged tokens: ${told}.`
  return { note, exchanges: last === undefined ? [passed] : [last, passed] }
}

/** Linux has all of 127.0.0.0/8, and macOS one address of it. */
async function canSendFrom({ api }: Reach, address: string): Promise<string | undefined> {
  try {
    await send(api, get('/page.css'), address)
    return address
  } catch {
    return undefined
  }
}
