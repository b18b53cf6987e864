import { describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import {
  createSubjectResolver,
  type SubjectOptions,
  type SubjectResolver,
} from '../../../lib/signals/subject/resolve.js'
import type { Subject } from '../../../lib/signals/subject/subject.js'
import { manualTimer } from '../../support/manual-timer.js'

const ISSUER = 'https://id.test'
const USER: Subject = { format: 'iss_sub', iss: ISSUER, sub: 'u' }
const SESSION: Subject = { format: 'opaque', id: 's' }
const FOREIGN: Subject = { format: 'iss_sub', iss: 'https://else.test', sub: 'u' }
const user = { kind: 'user', issuer: ISSUER, subject: 'u' }
const timer = manualTimer()

function resolver(options: SubjectOptions = {}): SubjectResolver {
  return createSubjectResolver(optionCheck('test'), options, new Map([[ISSUER, ISSUER]]), timer)
}

const complex = (members: Record<string, Subject | undefined>): Subject => ({
  format: 'complex',
  members,
})

describe('a subject resolver', () => {
  it.each<[string, Subject, boolean, unknown]>([
    ['a user', USER, false, [user]],
    ['an opaque one as a user', SESSION, false, [{ ...user, subject: 's' }]],
    [
      'an opaque one as a session and a user, where the event is of a session',
      SESSION,
      true,
      [
        { kind: 'session', issuer: ISSUER, sessionId: 's', subject: undefined },
        { ...user, subject: 's' },
      ],
    ],
    [
      'a session of a user',
      complex({ user: USER, session: SESSION }),
      true,
      [{ kind: 'session', issuer: ISSUER, sessionId: 's', subject: 'u' }],
    ],
    [
      'a user whose session is of an unknown format',
      complex({ user: USER, session: undefined }),
      true,
      [user],
    ],
    ['a user of aliases', { format: 'aliases', identifiers: [FOREIGN, USER] }, false, [user]],
    ['nobody, of a tenant', complex({ tenant: SESSION }), false, []],
    ['nobody, of a user within a user', complex({ user: complex({ user: USER }) }), false, []],
  ])('finds %s', async (_what, subject, ofSession, targets) => {
    expect(await resolver()(subject, ofSession)).toEqual(targets)
  })

  it.each<[string, Subject]>([
    ['a user', FOREIGN],
    ['a user of aliases', { format: 'aliases', identifiers: [FOREIGN] }],
    ['the user of a session', complex({ user: FOREIGN, session: SESSION })],
    ['the session of a user', complex({ user: USER, session: FOREIGN })],
  ])('refuses %s of another issuer', async (_what, subject) => {
    const refusal = await resolver()(subject, true)
    expect(refusal).toBeInstanceOf(AuthError)
    expect((refusal as AuthError).reason).toBe('foreign_subject')
  })

  it('gives a function of the app five seconds, and then cannot know', async () => {
    const asking = resolver({ resolveSubject: () => new Promise(() => undefined) })(USER, false)
    await timer.advance(5000)
    await new Promise(setImmediate)
    expect(await asking).toMatchObject({ family: 'dependency', reason: 'signal_undecided' })
  })
})
