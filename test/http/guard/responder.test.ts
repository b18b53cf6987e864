import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../lib/core/clock.js'
import { optionCheck } from '../../../lib/core/options.js'
import { compileManner, type MannerOptions } from '../../../lib/http/guard/responder.js'
import type { AuthEvent } from '../../../lib/index.js'

const compile = (options: object) => compileManner(optionCheck('requireBearer'), options)

describe('compileManner', () => {
  it('answers by RFC 6750 for the realm "api", by the clock of the system, unless told otherwise', () => {
    const { events, ...manner } = compile({})
    expect(manner).toEqual({
      style: { realm: 'api', errorFormat: 'oauth' },
      clock: systemClock,
      onRefuse: undefined,
    })
    expect(events.active).toBe(false)
  })

  it('does as it is told', () => {
    const heard: AuthEvent[] = []
    const options: MannerOptions = {
      realm: 'My API, v2!',
      errorFormat: 'problem',
      clock: () => 7,
      onEvent: (event) => heard.push(event),
      onRefuse() {},
    }
    const { events, ...manner } = compile(options)
    expect(manner).toEqual({
      style: { realm: 'My API, v2!', errorFormat: 'problem' },
      clock: options.clock,
      onRefuse: options.onRefuse,
    })
    const event = { name: 'keys.recovered', issuer: 'i' } as const
    events.emit(event)
    expect(heard).toEqual([event])
    expect(compile({ errorFormat: 'oauth' }).style.errorFormat).toBe('oauth')
  })

  it.each<[string, readonly unknown[]]>([
    ['realm', ['', 7, null, 'a"b', 'a\\b', 'a\r\nb', 'caf\u00E9', '"', 'a\u0000', 'a\u007F']],
    ['errorFormat', ['json', '', null, 'OAuth']],
    ['clock', [7, null, 'now']],
    ['onEvent', [7, null, {}]],
    ['onRefuse', [403, null, {}]],
  ])('refuses a bad "%s" at construction (9110-04)', (name, values) => {
    for (const value of values) {
      expect(() => compile({ [name]: value })).toThrow(
        new RegExp(`^requireBearer: "${name}" must be `),
      )
    }
  })
})
