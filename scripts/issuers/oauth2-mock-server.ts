import { importInstalled } from './install.js'
import { AUDIENCE, clientToken, type RealIssuer } from './issuer.js'

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
  async start() {
    const module = (await importInstalled('oauth2-mock-server', '8.2.3')) as {
      readonly OAuth2Server: new () => MockServer
    }
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
