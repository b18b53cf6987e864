import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { runScript } from '../../support/script.js'
import { SELF_SIGNED } from '../../../tools/self-signed.js'

const folder = mkdtempSync(join(tmpdir(), 'ers-tls-'))
const certificate = join(folder, 'ca.pem')
writeFileSync(certificate, SELF_SIGNED.cert)

afterAll(() => rmSync(folder, { recursive: true }))

/** What `ready()` says of an https issuer at this host. */
async function ready(host: string, trusted: boolean): Promise<string> {
  const environment = trusted ? { NODE_EXTRA_CA_CERTS: certificate } : undefined
  const { output } = await runScript('test/support/tls-process.ts', host, environment)
  return output
}

describe('requireBearer with an https issuer', () => {
  it('takes keys where the certificate is trusted and names the host (8414-08)', async () => {
    expect(await ready('127.0.0.1', true)).toBe('ready\n')
  })

  it('takes none where nobody vouches for the certificate (8414-08)', async () => {
    expect(await ready('127.0.0.1', false)).toMatch(/SELF_SIGNED/)
  })

  it('takes none where the certificate is for another host (8414-08)', async () => {
    expect(await ready('localhost', true)).toMatch(/ALTNAME_INVALID/)
  })
})
