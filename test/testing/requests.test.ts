import { expect, it } from '@jest/globals'
import { browserLike } from '../../lib/testing/requests.js'

it.each([
  [
    'a page of the app',
    undefined,
    { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  ],
  [
    'a page of another origin',
    { from: 'https://evil.example' },
    {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'cors',
      'Sec-Fetch-Dest': 'empty',
      Origin: 'https://evil.example',
    },
  ],
])('a request of %s has the headers that its browser adds', (_page, options, headers) => {
  const sent: Record<string, string> = {}
  const request = { set: (name: string, value: string) => (sent[name] = value) }
  expect(browserLike(request, options)).toBe(request)
  expect(sent).toEqual(headers)
})
