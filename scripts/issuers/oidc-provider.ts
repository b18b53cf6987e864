import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { Provider, type Configuration } from 'oidc-provider'
import { serve } from '../../tools/server.js'
import { AUDIENCE, clientToken, SCOPE, type RealIssuer } from './issuer.js'

/** oidc-provider with EC keys alone, as none of its defaults has them. */
export function oidcProvider({ encrypts }: { readonly encrypts: boolean }): RealIssuer {
  return {
    name: `oidc-provider 9, ES256${encrypts ? ', encrypted' : ''}`,
    async start() {
      const provider: { current?: Provider } = {}
      const server = await serve((req, res) => void provider.current?.callback()(req, res))
      const encryption = ecJwk({ kid: 'enc-1', alg: 'ECDH-ES', use: 'enc' })
      const settings = configuration(encrypts ? encryption : undefined)
      provider.current = new Provider(server.url, settings)
      return {
        url: server.url,
        token: () => clientToken(`${server.url}/token`, {}, 'm2m:m2m-secret'),
        ...(encrypts ? { decryptionKey: encryption } : {}),
        stop: () => server.close(),
      }
    },
  }
}

function ecJwk(members: object): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), ...members }
}

function configuration(encryption: JsonWebKey | undefined): Configuration {
  const { d: _private, ...publicJwk } = encryption ?? {}
  const encrypt = encryption && {
    alg: 'ECDH-ES',
    enc: 'A256GCM',
    kid: 'enc-1',
    key: createPublicKey({ key: publicJwk, format: 'jwk' }),
  }
  return {
    jwks: { keys: [ecJwk({ kid: 'op-1', alg: 'ES256', use: 'sig' })] },
    scopes: ['openid', SCOPE],
    clients: [
      {
        client_id: 'm2m',
        client_secret: 'm2m-secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256', kid: 'op-1' }, ...(encrypt && { encrypt }) } as never,
        }),
      },
    },
  }
}
