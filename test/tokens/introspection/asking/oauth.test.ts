import { expect, it } from '@jest/globals'
import { loadOauth } from '../../../../lib/tokens/introspection/asking/oauth.js'

it('loads the protocol of introspection calls once', async () => {
  const [one, other] = await Promise.all([loadOauth(), loadOauth()])
  expect(one.introspectionRequest).toBeInstanceOf(Function)
  expect(other).toBe(one)
})
