/* `npm run test:issuers`: real authorization servers, and one table of what works with each. */
import { hushAdvice } from '../../examples/demo/hush-advice.js'
import { betterAuth, betterAuthSessions } from '../../tools/real-issuers/better-auth.js'
import { djangoOauthToolkit } from '../../tools/real-issuers/django.js'
import { glewlwyd } from '../../tools/real-issuers/glewlwyd.js'
import type { RealIssuer, RunningIssuer } from '../../tools/real-issuers/issuer.js'
import { oauth2MockServer } from '../../tools/real-issuers/oauth2-mock-server.js'
import { oidcProvider } from '../../tools/real-issuers/oidc-provider.js'
import { COLUMNS, type Column } from './columns.js'
import { startLogoutReceiver, type LogoutReceiver } from './logout-receiver.js'

const VARIANT = ['discovery', 'JWT', 'rfc9068', 'logout', 'back-channel', 'outage']
const PLAIN = COLUMNS.map(({ name }) => name).filter((name) => name !== 'encrypted')
const ISSUERS: readonly RealIssuer[] = [
  oidcProvider({ name: 'ES256', alg: 'ES256', columns: PLAIN }),
  oidcProvider({ name: 'EdDSA, pairwise', alg: 'EdDSA', pairwise: true, columns: VARIANT }),
  oidcProvider({
    name: 'encrypted',
    alg: 'ES256',
    encrypts: true,
    columns: ['discovery', 'encrypted', 'logout', 'outage'],
  }),
  glewlwyd({ name: 'RS256', key: { size: 'RSA2048', alg: 'RS256' } }),
  glewlwyd({ name: 'EdDSA', key: { size: 'ED25519', alg: 'EdDSA' }, columns: VARIANT }),
  glewlwyd({ name: 'ES512, short', key: 'short', columns: VARIANT }),
  glewlwyd({ name: 'HS256', key: 'secret', columns: ['JWT', 'rfc9068', 'logout'] }),
  betterAuth,
  betterAuthSessions,
  djangoOauthToolkit,
  oauth2MockServer,
]
/** Of another row of the same server. */
const NOT_ASKED = '·'

const AT_ONCE = 4

let failures = 0

async function cell(
  column: Column,
  issuer: RunningIssuer,
  { lacks, columns }: RealIssuer,
  receiver: LogoutReceiver,
): Promise<string> {
  const { name } = column
  if (columns?.includes(name) === false) return NOT_ASKED
  const lack = lacks[name]
  if (lack !== undefined) return `has not: ${lack}`
  const outcome = await column.judge(issuer, receiver).catch(String)
  if (Array.isArray(outcome)) {
    const [seen, wanted] = outcome.map((statuses: readonly unknown[]) => statuses.join(', '))
    if (seen === wanted) return `ok (${seen})`
    failures += 1
    return `FAILED: ${seen}, expected ${wanted}`
  }
  failures += 1
  return `FAILED: ${typeof outcome === 'string' ? outcome : 'nothing to ask, and no reason why'}`
}

async function row(server: RealIssuer): Promise<string> {
  const receiver = await startLogoutReceiver()
  try {
    const issuer = await server.start(receiver.url)
    const cells = [server.name]
    for (const column of COLUMNS) cells.push(await cell(column, issuer, server, receiver))
    await issuer.stop().catch(() => {})
    return `| ${cells.join(' | ')} |`
  } catch (error) {
    failures += 1
    return `| ${server.name} | could not be started: ${String(error)} |`
  } finally {
    await receiver.close()
  }
}

// All that it prints is the table.
hushAdvice()
process.removeAllListeners('warning')
const wanted = process.argv.slice(2)
const chosen = ISSUERS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
)
const lines: string[] = []
const next = [...chosen.entries()]
async function work(): Promise<void> {
  for (let turn = next.shift(); turn !== undefined; turn = next.shift()) {
    const [at, server] = turn
    lines[at] = await row(server)
  }
}
// They wait more than they work.
await Promise.all(Array.from({ length: AT_ONCE }, work))
console.log(`| issuer | ${COLUMNS.map(({ name }) => name).join(' | ')} |`)
console.log(`|${' --- |'.repeat(COLUMNS.length + 1)}`)
console.log(lines.join('\n'))
process.exit(failures === 0 ? 0 : 1)
