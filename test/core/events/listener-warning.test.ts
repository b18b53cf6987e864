import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { listenerWarning } from '../../../lib/core/events/listener-warning.js'

const HEARD = new RangeError('the token eyJhbGciOi was too long')

let emitted: jest.SpiedFunction<typeof process.emitWarning>

beforeEach(() => void (emitted = jest.spyOn(process, 'emitWarning').mockReturnValue()))
afterEach(() => emitted.mockRestore())

describe('a listener that fails', () => {
  it.each<[string, unknown, string]>([
    ['an error, without its message', HEARD, 'RangeError'],
    ['something that is no error', 'eyJhbGciOi', 'string'],
  ])('is told of by the kind of %s', (_what, thrown, cause) => {
    listenerWarning((kind) => `onEvent failed (${kind})`)(thrown)
    expect(emitted.mock.calls).toEqual([
      [`onEvent failed (${cause})`, { code: 'ERS_EVENT_LISTENER' }],
    ])
  })

  it('is told of once', () => {
    const report = listenerWarning((kind) => kind)
    report(HEARD)
    report(new TypeError('again'))
    expect(emitted).toHaveBeenCalledTimes(1)
  })
})
