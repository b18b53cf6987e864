import assert from 'node:assert/strict'
import express from 'express'
import { requireBearer, requireScope } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

/** Behind an adapter, which makes requests of events and has no socket, an app answers as it does elsewhere. */
export async function judge(adapt) {
  const issuer = createTestIssuer()
  const app = express()
  app.use(requireBearer(issuer.options))
  app.get('/notes', requireScope('notes:read'), (_req, res) => void res.json([]))
  const handler = adapt(app)
  const cases = [
    [{ authorization: `Bearer ${issuer.token({ scope: 'notes:read' })}` }, 200, undefined],
    [{}, 401, 'Bearer'],
    [{ authorization: `Bearer ${issuer.expired()}` }, 401, 'error="invalid_token"'],
    [{ authorization: `Bearer ${issuer.token()}` }, 403, 'scope="notes:read"'],
  ]
  for (const event of [httpApiEvent, restApiEvent, loadBalancerEvent]) {
    for (const [headers, status, challenge = ''] of cases) {
      const answer = await handler(event(headers), {})
      assert.equal(answer.statusCode, status, event.name)
      const names = Object.keys(answer.headers ?? answer.multiValueHeaders)
      const name = names.find((each) => each.toLowerCase() === 'www-authenticate')
      const told = name && (answer.headers?.[name] ?? answer.multiValueHeaders[name])
      assert.ok(String(told ?? '').includes(challenge), event.name)
    }
  }
}

/** Of an HTTP API or a function URL of AWS (payload format 2.0). */
function httpApiEvent(headers) {
  const http = { method: 'GET', path: '/notes', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1' }
  const requestContext = { http, stage: '$default' }
  return { version: '2.0', rawPath: '/notes', rawQueryString: '', headers, requestContext }
}

/** The event of a REST API of AWS (payload format 1.0), which sends each header as a list too. */
function restApiEvent(headers) {
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  )
  const requestContext = { path: '/notes', stage: 'prod', identity: { sourceIp: '192.0.2.1' } }
  const asked = { httpMethod: 'GET', path: '/notes', resource: '/notes' }
  return { version: '1.0', ...asked, headers, multiValueHeaders, requestContext }
}

function loadBalancerEvent(headers) {
  const requestContext = { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:example' } }
  return { httpMethod: 'GET', path: '/notes', queryStringParameters: {}, headers, requestContext }
}
