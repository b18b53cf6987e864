// The command of the package, as `npx` finds it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
await issuer.listen()

async function doctor(token, args = ['--issuer', issuer.issuer, '--audience', issuer.audience]) {
  const child = spawn('npx', ['--no-install', 'express-resource-server', 'doctor', ...args])
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  child.stdin.end(token)
  const [code] = await once(child, 'close')
  return { code, output }
}

const good = await doctor(await issuer.token())
assert.equal(good.code, 0, good.output)
assert.match(good.output, /^ok +token +Accepted/m)

const expired = await doctor(await issuer.expired())
assert.equal(expired.code, 1, expired.output)
assert.match(expired.output, /401 invalid_token \(expired\)/)

const rated = await doctor('', ['--config', 'doctor-app.cjs'])
assert.equal(rated.code, 0, rated.output)
assert.match(rated.output, /^ok +config +Guards found in doctor-app.cjs: 1/m)
