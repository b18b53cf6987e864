import { expect, it, jest } from '@jest/globals'
import { optionalPeer } from '../../lib/browser/optional-peer.js'

it('a missing package is named at start-up and fails what needs it', async () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue()
  const cause = new Error('no such package')
  const loading = optionalPeer('strictCors', 'cors', Promise.reject(cause))
  const expected = 'strictCors: cannot load "cors". Run npm install cors (no such package)'
  await expect(loading).rejects.toThrow(expected)
  await expect(loading).rejects.toMatchObject({ cause })
  expect(emitWarning).toHaveBeenCalledWith(expected, { code: 'ERS_MISSING_PEER' })
  emitWarning.mockRestore()
})
