import express from 'express'
import request from 'supertest'
import {
  jtiAllowlist,
  requireBearer,
  type Auth,
  type AuthErrorReason,
  type AuthEvent,
  type RevocationQuery,
  type RevocationStore,
  type TokenAllowlist,
} from '../../lib/index.js'
import { serve } from '../../tools/server.js'

/** An API that lets registered tokens pass alone. */
export interface AllowlistedApi {
  readonly allowlist: TokenAllowlist
  /** `passed`, or the reason of the refusal. */
  judged(token: RevocationQuery): Promise<string>
  /** The answer as it is. */
  get(token: RevocationQuery): Promise<request.Response>
  close(): Promise<void>
}

/** Its tokens verify, whatever they are: only the list is under test. */
export async function startAllowlisted(store: RevocationStore): Promise<AllowlistedApi> {
  const tokens: Auth[] = []
  const reasons: AuthErrorReason[] = []
  const onEvent = (event: AuthEvent): void => {
    if (event.name === 'request.refused') reasons.push(event.reason)
  }
  const verify = ({ token }: { readonly token: string }): Auth => tokens[Number(token)]!
  const bearer = requireBearer({ verifier: { verify }, onEvent })
  const allowlist = jtiAllowlist(store)
  const app = express()
  app.get('/', bearer, allowlist, (_req, res) => void res.end())
  const server = await serve(app)

  async function get(query: RevocationQuery): Promise<request.Response> {
    const place = tokens.push(authOver(query)) - 1
    return request(server.url).get('/').set('Authorization', `Bearer ${place}`)
  }

  return {
    allowlist,
    get,
    async judged(query) {
      const { status } = await get(query)
      return status === 200 ? 'passed' : (reasons.at(-1) ?? String(status))
    },
    async close() {
      bearer.close()
      await server.close()
    },
  }
}

function authOver(query: RevocationQuery): Auth {
  const none: ReadonlySet<string> = new Set<string>()
  const granted = { audience: [], scopes: none, roles: none, permissions: none }
  const revocationIssuer = query.revocationIssuer ?? query.issuer
  const told = { claims: {}, transport: 'header' } as const
  return Object.freeze({ ...query, revocationIssuer, ...granted, ...told })
}
