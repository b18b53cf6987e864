import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHostileIssuer, type HostileIssuer } from '../../../tools/hostile-issuer.js'
import { sendJson, startIssuer, type TestIssuer } from '../../../tools/issuer.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'
import { running } from '../../../tools/server.js'
import { doctor, linesOn, type DoctorRun } from '../../support/doctor.js'

let issuer: TestIssuer
let hostile: HostileIssuer

beforeAll(async () => {
  issuer = await startIssuer()
  hostile = await startHostileIssuer()
})

afterAll(async () => {
  await issuer.close()
  await hostile.close()
})

function look(url: string, ...more: string[]): Promise<DoctorRun> {
  return doctor(['doctor', '--issuer', url, '--audience', issuer.audience, ...more])
}

/** A fault is told by one line, its cause by one and its fix by one; and nobody sees a stack. */
function expectTold(run: DoctorRun, check: string, detail: RegExp, fix: RegExp): void {
  expect(run).toMatchObject({ code: 1, stderr: '' })
  expect(run.stdout).not.toMatch(/^ +at |node_modules|Error:/m)
  const [found, cause, mended] = linesOn(check, run)
  expect(found).toMatch(/^FAILED/)
  expect(found).toMatch(detail)
  expect(cause).toMatch(/^cause: \S/)
  expect(mended).toMatch(/^fix:/)
  expect(mended).toMatch(fix)
}

describe('doctor --issuer', () => {
  it('finds nothing wrong with a good issuer, and says what it looked at', async () => {
    const run = await look(issuer.url)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(linesOn('metadata', run)[0]).toContain(`keys at ${issuer.url}/jwks`)
    expect(linesOn('connection', run)[0]).toMatch(/^ok .* answers in \d+ ms, without a proxy$/)
    expect(linesOn('clock', run)[0]).toMatch(/^ok .* less than a second apart$/)
    expect(linesOn('keys', run)[0]).toMatch(/^ok +keys +1 at .*: key-1$/)
    expect(linesOn('tls', run)[0]).toMatch(/^warning .* plain http$/)
    expect(run.stdout).toMatch(/Nothing wrong, 1 warning\n$/)
  })

  it.each([
    ['a refused connection', /ECONNREFUSED/, /Start the server/],
    ['bad TLS', /SELF_SIGNED/, /--ca FILE/],
    ['silence', /did not answer in time/, /curl/],
    ['a body that drips', /did not answer in time/, /curl/],
    ['an HTML page', /not of type application\/json/, /Open the URL in a browser/],
    ['a document to be refused', /names "http:.*\/", expected exactly/, /Set "issuer" to the name/],
    ['a redirect', /answer is 302, to .*elsewhere/, /Give the address/],
    ['status 404', /answer is 404/, /--jwks-uri/],
    ['status 500', /answer is 500/, /logs of the issuer/],
    ['something other than HTTP', /HPE_INVALID/, /scheme and port/],
    ['a body without end', /larger than/, /maxBytes/],
  ])('tells cause and fix where its metadata meet %s', async (fault, detail, fix) => {
    await hostile.metadata.misbehave(fault)
    const run = await look(hostile.metadata.origin)
    await hostile.metadata.behave()
    expectTold(run, 'metadata', detail, fix)
    expect(linesOn('keys', run)[0]).toMatch(/^skipped/)
  })

  it.each([
    ['a refused connection', 'connection', /ECONNREFUSED/, /Start the server/],
    ['silence', 'connection', /did not answer in time/, /curl/],
    ['status 404', 'keys', /answer is 404/, /jwks_uri/],
    ['status 500', 'keys', /answer is 500/, /logs of the issuer/],
    ['an HTML page', 'keys', /not JSON/, /Open the URL in a browser/],
    ['JSON of the wrong shape', 'keys', /array "keys"/, /--jwks-uri/],
    ['a document to be refused', 'keys', /no usable signing key/, /publish its signing keys/],
    ['an exponent of 385 kB', 'keys', /no usable signing key/, /publish its signing keys/],
  ])('tells cause and fix where its keys meet %s', async (fault, check, detail, fix) => {
    await hostile.jwks.misbehave(fault)
    const run = await look(hostile.url)
    await hostile.jwks.behave()
    expectTold(run, check, detail, fix)
  })

  it('tells a slash too many, and the name that the metadata have', async () => {
    const run = await look(`${issuer.url}/`)
    expectTold(run, 'metadata', /expected exactly "http:.*\/"/, /Set "issuer" to the name/)
  })

  it('tells a name that no DNS server knows, and a machine without network', async () => {
    const run = await look('https://id.nowhere.invalid')
    expectTold(run, 'metadata', /ENOTFOUND|EAI_AGAIN/, /spelling of the host|Restore the network/)
  })

  it('tells a clock that differs from that of the issuer by more than the tolerance', async () => {
    issuer.intercept = (_req, res) => {
      res.setHeader('date', new Date(Date.now() - 120_000).toUTCString())
      return false
    }
    const run = await look(issuer.url)
    issuer.intercept = undefined
    expectTold(run, 'clock', /Ours is 1(?:19|20) s ahead of/, /NTP/)
  })

  it('looks at TLS, by a CA of its own where one is given', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    const ca = join(folder, 'ca.pem')
    await writeFile(ca, SELF_SIGNED.cert)
    const secure = await running(
      createServer(SELF_SIGNED, (req, res) => {
        const jwks = { keys: issuer.keys }
        sendJson(res, req.url === '/jwks' ? jwks : { issuer: url, jwks_uri: `${url}/jwks` })
      }),
    )
    const url = `https://127.0.0.1:${secure.port}`
    const trusting = await look(url, '--ca', ca)
    const doubting = await look(url)
    await secure.close()
    await rm(folder, { recursive: true })
    expect(trusting.code).toBe(0)
    expect(linesOn('tls', trusting)[0]).toMatch(/^ok .*TLSv1.3, .* valid for \d+ more days$/)
    expectTold(doubting, 'metadata', /SELF_SIGNED/, /--ca FILE/)
  })

  it('tells a published private key as what it is', async () => {
    const { keys } = issuer
    issuer.keys = [...keys, { ...hostile.key.jwk, kid: 'leaked', d: 'AAAA' }]
    const run = await look(issuer.url)
    issuer.keys = keys
    expect(run.code).toBe(1)
    expect(run.stdout).toMatch(/FAILED +keys +.*leaked/)
    expect(run.stdout).toContain('docs/reasons.md#compromised_key')
  })

  it('names the proxy of the environment without its password', async () => {
    const proxy = 'http://user:hunter2@127.0.0.1:9'
    const run = await doctor(['doctor', '--issuer', 'https://id.example.com', '--audience', 'x'], {
      environment: { HTTPS_PROXY: proxy },
    })
    expectTold(run, 'metadata', /The proxy http:\/\/127.0.0.1:9\//, /HTTPS_PROXY/)
    expect(run.stdout).not.toContain('hunter2')
  })

  it('finds for a machine what it finds for a person', async () => {
    const run = await look(issuer.url, '--json')
    const report = JSON.parse(run.stdout) as { ok: boolean; findings: { check: string }[] }
    expect(run.code).toBe(0)
    expect(report.ok).toBe(true)
    expect(report.findings.map(({ check }) => check)).toEqual([
      'metadata',
      'connection',
      'tls',
      'clock',
      'keys',
      'token',
    ])
  })

  it('paints what it says for a terminal alone', async () => {
    const plain = await look(issuer.url)
    const args = ['doctor', '--issuer', issuer.url, '--audience', 'x']
    const painted = await doctor(args, { environment: { FORCE_COLOR: '1' } })
    expect(plain.stdout).not.toContain('\u001B')
    expect(painted.stdout).toContain('\u001B[32mok')
  })
})

describe('A command that is wrong itself', () => {
  it.each([
    ['no command', [], /The one command there is/],
    ['nothing to look at', ['doctor'], /Say what to look at/],
    ['an issuer without audience', ['doctor', '--issuer', 'https://id.test'], /--audience/],
    ['an option that is none', ['doctor', '--isuer', 'x'], /--isuer/],
    [
      'an issuer that is no URL',
      ['doctor', '--issuer', 'id', '--audience', 'x'],
      /"issuer" must be an absolute URL/,
    ],
    [
      'plain http to another host',
      ['doctor', '--issuer', 'http://id.test', '--audience', 'x'],
      /dangerouslyAllowHttp/,
    ],
    [
      'a file of certificates that is not there',
      ['doctor', '--issuer', 'https://id.test', '--audience', 'x', '--ca', '/nowhere.pem'],
      /--ca: ENOENT/,
    ],
  ])('ends with 2 and one sentence: %s', async (_name, args, message) => {
    const run = await doctor(args)
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toMatch(/^ +at /m)
  })
})
