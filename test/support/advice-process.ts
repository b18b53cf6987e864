// Run by the tests as a process of its own: refuses twice for each of two reasons, and lets one pass.
import express from 'express'
import { requireBearer } from '../../lib/index.js'
import { startIssuer } from '../../tools/issuer.js'
import { serve } from '../../tools/server.js'

const options = JSON.parse(process.argv[2] ?? '{}') as { advice?: boolean; listen?: boolean }
const issuer = await startIssuer()
const { listen = false, ...given } = options
const guard = requireBearer({
  issuer: issuer.url,
  audience: issuer.audience,
  ...given,
  ...(listen ? { onEvent: () => undefined } : {}),
})
const api = await serve(express().use(guard, (_req, res) => void res.send('ok')))
const wrong = await issuer.token({ aud: 'apo' })
const good = await issuer.token()
const statuses: number[] = []
for (const token of [wrong, wrong, undefined, undefined, good]) {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  statuses.push((await fetch(api.url, { headers })).status)
}
console.log(statuses.join(' '))
guard.close()
await Promise.all([api.close(), issuer.close()])
