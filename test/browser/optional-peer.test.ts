import { expect, it } from '@jest/globals'
import { once } from 'node:events'
import { optionalPeer } from '../../lib/browser/optional-peer.js'

it('a missing package is named at start-up and fails what needs it', async () => {
  const warned = once(process, 'warning')
  const loading = optionalPeer('strictCors', 'cors', Promise.reject(new Error('no such package')))
  const expected = 'strictCors: cannot load "cors": no such package. Run npm install cors'
  const [warning] = (await warned) as [Error]
  expect(warning.message).toBe(expected)
  await expect(loading).rejects.toThrow(expected)
})
