import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientSecretBasic } from '../../lib/index.js'
import { freePort } from '../../lib/testing/free-port.js'
import { AUDIENCE, basic, clientToken, post, SCOPE, type RealIssuer } from './issuer.js'
import { requireDebian } from './packages.js'
import { startProgram } from './program.js'

const PYTHON = '/usr/bin/python3'
const MODULES = ['oauth2_provider', 'jwcrypto'].map(
  (name) => `/usr/lib/python3/dist-packages/${name}`,
)

/** Opaque tokens by default, and JWTs for a client whose tokens a function of ours makes. */
export const djangoOauthToolkit: RealIssuer = {
  name: 'django-oauth-toolkit 1.7.0',
  lacks: {
    encrypted: 'it encrypts no tokens',
    rotation: 'it has one key, read at its start',
    'back-channel': 'it sends no logout tokens',
    DPoP: 'it binds to no keys',
    mTLS: 'it binds to no certificates',
    'step-up': 'its tokens carry no claims of a login',
  },
  async start() {
    requireDebian([PYTHON, ...MODULES], ['python3-django-oauth-toolkit', 'python3-jwcrypto'])
    const cwd = mkdtempSync(join(tmpdir(), 'django-'))
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(join(cwd, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/o`
    const discoveryUrl = `${url}/.well-known/openid-configuration/`
    const script = join(import.meta.dirname, 'toolkit.py')
    const args = [script, String(port), 'key.pem', AUDIENCE, SCOPE]
    const program = await startProgram(PYTHON, args, { cwd, readyAt: discoveryUrl })
    const token = (id: string): Promise<string> =>
      clientToken(`${url}/token/`, {}, { authorization: basic(id, `${id}-secret`) })
    return {
      url,
      settings: { discoveryUrl },
      token: () => token('jwt'),
      opaqueToken: () => token('opaque'),
      opaqueSettings: { audience: false, clientId: 'opaque' },
      asking: {
        clientId: 'jwt',
        clientAuth: clientSecretBasic('jwt-secret'),
        endpoint: `${url}/introspect/`,
        // It knows access tokens alone, and says no more of one than who has it, for what and until when.
        dangerouslyAllowMissingTokenType: true,
      },
      async revoke(given) {
        const id = given.includes('.') ? 'jwt' : 'opaque'
        const authorization = basic(id, `${id}-secret`)
        await post(`${url}/revoke_token/`, { token: given }, { authorization })
      },
      async stop() {
        await program.stop()
        rmSync(cwd, { recursive: true, force: true })
      },
    }
  },
}
