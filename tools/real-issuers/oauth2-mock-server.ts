import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AUDIENCE, clientToken, type RealIssuer } from './issuer.js'
import { installPackages } from './packages.js'

interface MockServer {
  readonly issuer: {
    readonly url?: string
    readonly keys: { generate(algorithm: string): Promise<unknown> }
  }
  start(port?: number, host?: string): Promise<void>
  stop(): Promise<void>
}

/** Version 9 wants Node 22. Its keys take turns, so a new one signs every other token. */
export const oauth2MockServer: RealIssuer = {
  name: 'oauth2-mock-server 8.2.3',
  lacks: {
    rfc9068: 'its tokens are of type JWT',
    encrypted: 'it encrypts no tokens',
    'back-channel': 'it sends no logout tokens',
    opaque: 'its access tokens are JWTs',
    revoked: 'it revokes nothing',
    DPoP: 'it binds to no keys',
    mTLS: 'it binds to no certificates',
    'step-up': 'it logs nobody in',
  },
  async start() {
    const here = createRequire(join(installPackages(), 'index.js'))
    const path = pathToFileURL(here.resolve('oauth2-mock-server')).href
    const module = (await import(path)) as { readonly OAuth2Server: new () => MockServer }
    const server = new module.OAuth2Server()
    await server.issuer.keys.generate('RS256')
    await server.start(undefined, '127.0.0.1')
    const url = server.issuer.url ?? ''
    const token = (): Promise<string> => clientToken(`${url}/token`, { aud: AUDIENCE })
    return {
      url,
      token,
      async rotate() {
        await server.issuer.keys.generate('ES256')
        // The turn of the old key.
        await token()
      },
      stop: () => server.stop(),
    }
  },
}
