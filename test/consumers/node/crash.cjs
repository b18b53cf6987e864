// Node prints the line of the throw above an error that ends a process: it must not hold other sentences.
const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')

const MISTAKES = {
  'requireBearer({ audience: "a" })': '"issuer" must be a non-empty string',
  'requireBearer({ issuerr: "a" })': 'unknown option "issuerr"',
  'requireScope()': '"scopes" must be a non-empty string',
  'clientSecretBasic()': 'give a non-empty string',
}

for (const [mistake, text] of Object.entries(MISTAKES)) {
  const script = `require('express-resource-server').${mistake}`
  const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  const [, line] = stderr.split('\n')
  assert.match(line, /^throw /, mistake)
  assert.ok(stderr.includes(text), stderr)
}
