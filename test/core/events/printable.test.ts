import { describe, expect, it } from '@jest/globals'
import { printable } from '../../../lib/core/events/printable.js'

describe('text of a stranger in a log', () => {
  it.each<[string, string, string]>([
    ['stays as it is', 'Az 09~!', 'Az 09~!'],
    ['begins no line of its own', 'a\r\nb', 'a??b'],
    ['moves no cursor', 'a\u001B[2Jb', 'a?[2Jb'],
    ['has no letters that look like others', 'pаypal', 'p?ypal'],
    ['is cut', 'x'.repeat(129), `${'x'.repeat(128)}...`],
    ['is not cut where it fits', 'x'.repeat(128), 'x'.repeat(128)],
  ])('%s', (_name, text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  it('is cut where it is told to', () => {
    expect(printable('abcdef', 3)).toBe('abc...')
  })
})
