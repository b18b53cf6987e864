// Runs an app of docs/start as its readers do, with an issuer in the place of theirs.
import assert from 'node:assert/strict'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
await issuer.listen()
process.env.ISSUER = issuer.issuer
process.env.AUDIENCE = issuer.audience

const [file, alsoLogout] = process.argv.slice(2)
const from = performance.now()
const { app } = await import(file)
const url = await listen(app)
const ask = async (path, token, method = 'GET') => {
  const headers = { connection: 'close', ...(token && { authorization: `Bearer ${token}` }) }
  return (await fetch(url + path, { method, headers })).status
}

const token = issuer.token({ scope: 'notes:read' })
assert.equal(await ask('/api/notes'), 401)
assert.equal(await ask('/api/notes', issuer.token()), 403)
assert.equal(await ask('/api/notes', issuer.expired()), 401)
assert.equal(await ask('/api/notes', token), 200)
if (alsoLogout) {
  assert.equal(await ask('/health'), 200)
  assert.equal(await ask('/logout', token, 'POST'), 204)
  assert.equal(await ask('/api/notes', token), 401)
}
console.log(`${file}: 401, 403 and 200 within ${Math.round(performance.now() - from)} ms`)
process.exit()

async function listen(instance) {
  const listening = instance.listen(
    ...(instance.server ? [{ port: 0, host: '127.0.0.1' }] : [0, '127.0.0.1']),
  )
  if (listening instanceof Promise) return listening
  await new Promise((resolve) => listening.once('listening', resolve))
  return `http://127.0.0.1:${listening.address().port}`
}
