import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { USER_AGENT } from '../../lib/net/user-agent.js'

it('names the package and its version', () => {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    string
  >
  expect(USER_AGENT).toBe(`${name}/${version}`)
})
