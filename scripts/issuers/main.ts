/* `npm run test:issuers`: real authorization servers, and one table of what works with each. */
import { setTimeout } from 'node:timers/promises'
import express from 'express'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type BearerGuard,
} from '../../lib/index.js'
import { serve } from '../../tools/server.js'
import { AUDIENCE, SCOPE, type RealIssuer, type RunningIssuer } from './issuer.js'
import { oauth2MockServer } from './oauth2-mock-server.js'
import { oidcProvider } from './oidc-provider.js'

const ISSUERS: readonly RealIssuer[] = [
  oidcProvider({ encrypts: false }),
  oidcProvider({ encrypts: true }),
  oauth2MockServer,
]

const COLUMNS = ['discovery', 'JWT', 'encrypted', 'rotation', 'logout', 'outage'] as const
type Row = Partial<Record<(typeof COLUMNS)[number], string>>

let failures = 0

function expected(what: readonly unknown[], wanted: readonly unknown[]): string {
  const [got, want] = [what.join(', '), wanted.join(', ')]
  if (got === want) return `ok (${got})`
  failures += 1
  return `FAILED: ${got}, expected ${want}`
}

function guardFor({ url, decryptionKey }: RunningIssuer): BearerGuard {
  const keys = decryptionKey === undefined ? {} : { decryptionKeys: [decryptionKey] }
  return requireBearer({ issuer: url, audience: AUDIENCE, ...keys })
}

interface Api {
  /** The status for a token. */
  get(token: string, path?: string, method?: string): Promise<number>
  readonly guard: BearerGuard
  close(): Promise<void>
}

async function startApi(issuer: RunningIssuer): Promise<Api> {
  const guard = guardFor(issuer)
  const store = memoryRevocationStore()
  const app = express()
  app.post('/logout', guard, logout(store))
  app.get('/', guard, jtiBlocklist(store), requireScope(SCOPE), (_req, res) => {
    res.json({})
  })
  const server = await serve(app)
  return {
    guard,
    async get(token, path = '/', method = 'GET') {
      const authorization = `Bearer ${token}`
      return (await fetch(`${server.url}${path}`, { method, headers: { authorization } })).status
    },
    async close() {
      guard.close()
      await server.close()
    },
  }
}

/** Without `jti`, two tokens of one second may be the very same. */
async function anotherToken(issuer: RunningIssuer): Promise<string> {
  await setTimeout(1100)
  return issuer.token()
}

async function judge(issuer: RunningIssuer): Promise<Row> {
  const api = await startApi(issuer)
  const row: Row = {}
  const ready = await api.guard.ready().then(
    () => 'ready',
    (error: unknown) => String(error),
  )
  row.discovery = expected([ready], ['ready'])
  const token = await issuer.token()
  const status = await api.get(token)
  const isEncrypted = token.split('.').length === 5
  row[isEncrypted ? 'encrypted' : 'JWT'] = expected([status], [200])
  if (issuer.rotate !== undefined) {
    await issuer.rotate()
    row.rotation = expected([await api.get(await issuer.token()), await api.get(token)], [200, 200])
  }
  const other = await anotherToken(issuer)
  const ended = await api.get(token, '/logout', 'POST')
  row.logout = expected([ended, await api.get(token), await api.get(other)], [204, 401, 200])
  const unseen = await anotherToken(issuer)
  await issuer.stop()
  const cold = await startApi(issuer)
  row.outage = expected(
    [await api.get(other), await api.get(unseen), await cold.get(unseen)],
    [200, 200, 503],
  )
  await Promise.all([api.close(), cold.close()])
  return row
}

const lines: string[] = []
for (const issuer of ISSUERS) {
  const { name } = issuer
  try {
    const row = await judge(await issuer.start())
    lines.push(`| ${[name, ...COLUMNS.map((column) => row[column] ?? 'has not')].join(' | ')} |`)
  } catch (error) {
    failures += 1
    lines.push(`| ${name} | could not be started: ${String(error)} |`)
  }
}
console.log(`| issuer | ${COLUMNS.join(' | ')} |`)
console.log(`|${' --- |'.repeat(COLUMNS.length + 1)}`)
console.log(lines.join('\n'))
process.exit(failures === 0 ? 0 : 1)
