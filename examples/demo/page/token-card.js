import { element } from './steps.js'

const ids = ['token', 'token-empty', 'claims', 'ring', 'left', 'left-words']
const [card, empty, claims, ring, left, words] = ids.map((id) => document.getElementById(id))
let current

/** Asks what the token in the cookie says; no script can read the cookie itself. */
export async function loadToken() {
  const response = await fetch('/token')
  if (response.status === 200) showToken(await response.json())
  // One that has expired, or was revoked, is shown until another comes.
  else if (current === undefined) showToken(undefined)
}

export function forgetToken() {
  showToken(undefined)
}

export function showToken(token) {
  current = token
  card.hidden = token === undefined
  empty.hidden = token !== undefined
  if (token === undefined) return
  const { header, claims: said } = token
  const rows = {
    sub: said.sub,
    scope: said.scope,
    aud: said.aud,
    iss: said.iss,
    sid: said.sid,
    jti: said.jti,
    kid: header.kid,
    'alg, typ': `${header.alg}, ${header.typ}`,
    carried: token.transport,
  }
  claims.replaceChildren(
    ...Object.entries(rows)
      .filter(([, value]) => value !== undefined)
      .flatMap(([name, value]) => [element('dt', '', name), element('dd', '', String(value))]),
  )
  tick()
}

function tick() {
  if (current === undefined) return
  const { iat, exp } = current.claims
  const seconds = Math.max(0, Math.round(exp - Date.now() / 1000))
  const share = seconds / (exp - iat)
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  words.textContent = seconds === 0 ? 'expired: refresh it' : 'until it expires'
  ring.style.strokeDashoffset = String(100 - share * 100)
  ring.style.setProperty('--ring', colourOf(share))
}

function colourOf(share) {
  if (share > 0.4) return 'var(--good)'
  return share > 0.15 ? 'var(--unsure)' : 'var(--bad)'
}

setInterval(tick, 1000)
