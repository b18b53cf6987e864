// Run by the tests as a process of its own: refuses twice for each of two reasons, and lets one pass.
import express from 'express'
import { requireBearer } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { serve } from '../../tools/server.js'

const options = JSON.parse(process.argv[2] ?? '{}') as { advice?: boolean; listen?: boolean }
const issuer = createTestIssuer()
const { listen = false, ...given } = options
const guard = requireBearer({
  ...issuer.options,
  ...given,
  ...(listen ? { onEvent: () => undefined } : {}),
})
const api = await serve(express().use(guard, (_req, res) => void res.send('ok')))
const wrong = issuer.token({ aud: 'apo' })
const good = issuer.token()
const statuses: number[] = []
for (const token of [wrong, wrong, undefined, undefined, good]) {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  statuses.push((await fetch(api.url, { headers })).status)
}
console.log(statuses.join(' '))
guard.close()
await api.close()
