import { expect, it } from '@jest/globals'
import { DEFAULT_STYLE } from '../../../lib/core/verdicts/style.js'

it('a refusal that no option shapes names the realm api, in the JSON of OAuth, and nothing more', () => {
  expect(DEFAULT_STYLE).toEqual({ realm: 'api', errorFormat: 'oauth' })
})
