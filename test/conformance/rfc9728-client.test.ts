import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import {
  allowInsecureRequests,
  processResourceDiscoveryResponse,
  protectedResourceRequest,
  resourceDiscoveryRequest,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi'
import { jtiBlocklist, memoryRevocationStore, protectedResourceMetadata } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startApi, type TestApi } from '../../tools/api.js'
import { serve } from '../../tools/server.js'

const issuer = createTestIssuer()
const apis: TestApi[] = []

afterEach(async () => {
  for (const api of apis.splice(0)) await api.close()
})

describe('RFC 9728 §3.3: a client that knows nothing but the API', () => {
  it('finds issuer and identifier by the challenge, with oauth4webapi (9728-07, 9728-08, 9728-17)', async () => {
    const app = express()
    const server = await serve((req, res) => void app(req, res))
    const options = { [allowInsecureRequests]: true }
    // Two resources of one host, each with a guard of its own.
    for (const path of ['/notes', '/bills']) {
      const api = await startApi(issuer)
      apis.push(api)
      const resource = `${server.url}${path}`
      app.use(protectedResourceMetadata(api.guard, { resource }))
      app.get(path, api.guard, jtiBlocklist(memoryRevocationStore()), (_req, res) => {
        res.json({})
      })
    }
    try {
      for (const path of ['/notes', '/bills']) {
        const resource = new URL(path, server.url)
        const refused = await protectedResourceRequest(
          'bad',
          'GET',
          resource,
          undefined,
          undefined,
          options,
        ).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(WWWAuthenticateChallengeError)
        const [challenge] = (refused as WWWAuthenticateChallengeError).cause
        expect(challenge).toMatchObject({
          scheme: 'bearer',
          parameters: { error: 'invalid_token' },
        })
        const response = await resourceDiscoveryRequest(resource, options)
        expect(challenge?.parameters['resource_metadata']).toBe(response.url)
        const metadata = await processResourceDiscoveryResponse(resource, response)
        expect(metadata).toMatchObject({
          resource: resource.href,
          authorization_servers: [issuer.issuer],
        })
        const token = issuer.token({ scope: 'read' })
        const passed = await protectedResourceRequest(
          token,
          'GET',
          resource,
          undefined,
          undefined,
          options,
        )
        expect(passed.status).toBe(200)
      }
    } finally {
      await server.close()
    }
  })
})
