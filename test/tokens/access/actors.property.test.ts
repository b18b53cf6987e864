import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import type { Actor } from '../../../lib/core/auth/auth.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { actorOf } from '../../../lib/tokens/access/actors.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const RUNS = { numRuns: FUZZ_RUNS }
const ISSUER = 'https://id.test'

const identity = fc.record(
  { sub: fc.string(), client_id: fc.string(), iss: fc.string(), other: fc.jsonValue() },
  { requiredKeys: [] },
)

type Claims = Record<string, unknown>

/** The latest actor first, as in a token from the outside in. */
function nested(actors: readonly Claims[]): Claims {
  return actors.toReversed().reduce<Claims>((act, actor) => {
    return Object.keys(act).length === 0 ? { act: actor } : { act: { ...actor, ...act } }
  }, {})
}

function readable(claims: Claims): Actor {
  const actor = actorOf(claims, ISSUER)
  if (actor === undefined || actor instanceof AuthError) throw new Error('no actor')
  return actor
}

function isFrozen(actor: unknown): boolean {
  const { earlier } = actor as Actor
  return [actor, earlier, ...earlier].every((part) => Object.isFrozen(part))
}

describe('actorOf', () => {
  it('gives each actor of a chain its place, and no more than ten (8693-01, 8693-02)', () => {
    const chain = fc.array(identity, { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(chain, (actors) => {
        const meant = actors.map(({ iss, sub, client_id }) => ({
          issuer: iss ?? ISSUER,
          subject: sub,
          clientId: client_id,
        }))
        const { earlier, ...latest } = readable(nested(actors))
        expect([latest, ...earlier]).toEqual(meant)
      }),
      RUNS,
    )
  })

  it('says the same of the latest actor, whoever acted before (8693-03)', () => {
    const chain = fc.array(identity, { maxLength: 9 })
    fc.assert(
      fc.property(identity, chain, chain, (latest, some, others) => {
        const { earlier: _some, ...one } = readable(nested([latest, ...some]))
        const { earlier: _others, ...other } = readable(nested([latest, ...others]))
        expect(one).toEqual(other)
      }),
      RUNS,
    )
  })

  it('is total, and freezes what it makes: any claim is an actor, nobody, or one refusal', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (act) => {
        const actor = actorOf({ act }, ISSUER)
        const isRefusal = actor instanceof AuthError && actor.reason === 'malformed_claim'
        const isNobody = actor === undefined && act === null
        expect(isRefusal || isNobody || isFrozen(actor)).toBe(true)
      }),
      RUNS,
    )
  })

  it.each<[string, unknown]>([
    ['a text', 'agent'],
    ['a list', [{ sub: 'agent' }]],
    ['a number', 1],
    ['false', false],
    ['a subject that is a number', { sub: 1 }],
    ['a client that is a list', { client_id: ['agent'] }],
    ['an issuer that is null', { sub: 'agent', iss: null }],
    ['one before it that is a text', { sub: 'agent', act: 'user' }],
    ['one before it whose subject is an object', { sub: 'agent', act: { sub: {} } }],
    ['eleven of them', nested(Array.from({ length: 11 }, () => ({ sub: 'agent' })))['act']],
  ])(
    'refuses the token where "act" is %s: an agent must not pass for its user (8693-06)',
    (_name, act) => {
      expect(actorOf({ act }, ISSUER)).toMatchObject({ reason: 'malformed_claim' })
    },
  )

  it.each<[string, Claims]>([
    ['there is none', { sub: 'user' }],
    ['it is null', { act: null }],
    ['the token says who may act (8693-05)', { may_act: { sub: 'agent' } }],
    ['only the prototype has one', Object.create({ act: { sub: 'agent' } }) as Claims],
  ])('is nobody where %s', (_name, claims) => {
    expect(actorOf(claims, ISSUER)).toBeUndefined()
  })
})
