import { describe, expect, it } from '@jest/globals'
import { factsOf } from '../../lib/http/guard/facts.js'
import { securityHeaders } from '../../lib/index.js'
import { serve } from '../../tools/server.js'

describe('securityHeaders', () => {
  it('tells an audit that they are set', () => {
    expect(factsOf(securityHeaders())).toEqual([{ kind: 'headers' }])
  })

  it('works without a policy, and on hosts that keep nothing on a response', async () => {
    for (const options of [{ preset: 'web' }, { contentSecurityPolicy: false }] as const) {
      const guard = securityHeaders(options)
      const server = await serve((req, res) => guard(req, res, () => res.end('ok')))
      expect(await (await fetch(server.url)).text()).toBe('ok')
      await server.close()
    }
  })
})
