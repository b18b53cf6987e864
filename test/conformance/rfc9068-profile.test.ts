import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { expectRefusal, frozenClock, startApi, type TestApi } from '../../tools/api.js'
import { forge, takeApart } from '../support/forge.js'
import {
  createSigningKey,
  startIssuer,
  type ClaimChanges,
  type TestIssuer,
} from '../../tools/issuer.js'

const clock = frozenClock()
let issuer: TestIssuer
let strict: TestApi
let lenient: TestApi
let header: Record<string, unknown>
let payload: Record<string, unknown>

beforeAll(async () => {
  issuer = await startIssuer({ clock })
  strict = await startApi(issuer, { clock, profile: 'rfc9068' })
  lenient = await startApi(issuer, { clock })
  ;({ header, payload } = takeApart(await issuer.token()))
})

afterAll(async () => {
  await Promise.all([strict.close(), lenient.close()])
  await issuer.close()
})

function withClaims(changes: ClaimChanges): string {
  return forge(header, { ...payload, ...changes }, issuer.key)
}

describe('RFC 9068 §2 and §4: the strict profile', () => {
  it('takes a token with all of the profile (9068-01)', async () => {
    expect((await strict.get(withClaims({}))).status).toBe(200)
  })

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'APPLICATION/at+JWT'])(
    'takes the type %s (9068-03)',
    async (typ) => {
      expect((await strict.get(forge({ ...header, typ }, payload, issuer.key))).status).toBe(200)
    },
  )

  it.each([undefined, 'JWT', 'jwt', 'application/jwt', 'id_token+jwt', 'at+jwt+x', 'xat+jwt', ''])(
    'refuses the type %s (9068-03)',
    async (typ) => {
      expectRefusal(
        await strict.get(forge({ ...header, typ }, payload, issuer.key)),
        'invalid_token',
      )
      expect(strict.reason()).toBe('wrong_type')
    },
  )

  it.each(['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])(
    'refuses a token without %s, or with none in it (9068-04)',
    async (name) => {
      expectRefusal(await strict.get(withClaims({ [name]: undefined })), 'invalid_token')
      expectRefusal(await strict.get(withClaims({ [name]: null })), 'invalid_token')
      expectRefusal(await strict.get(withClaims({ [name]: '' })), 'invalid_token')
    },
  )

  it.each(['sub', 'client_id', 'iat', 'jti'])(
    'takes a token without %s in the lenient profile (9068-04)',
    async (name) => {
      expect((await lenient.get(withClaims({ [name]: undefined }))).status).toBe(200)
    },
  )

  it('refuses what a key of the issuer did not sign (9068-08)', async () => {
    const stranger = await createSigningKey('key-1')
    expectRefusal(await strict.get(forge(header, payload, stranger)), 'invalid_token')
    expect(strict.reason()).toBe('bad_signature')
  })

  it('takes any key that the issuer publishes (9068-15)', async () => {
    const second = await createSigningKey('key-2', 'ES256')
    issuer.keys.push(second.jwk)
    expect((await strict.get(await issuer.token({}, {}, second))).status).toBe(200)
  })

  it('calls each failed check invalid_token (9068-10)', async () => {
    const tokens = [
      withClaims({ iss: 'https://other.test' }),
      withClaims({ aud: 'https://other.test' }),
      withClaims({ exp: clock() }),
      withClaims({ jti: undefined }),
      forge({ ...header, typ: 'JWT' }, payload, issuer.key),
      forge({ ...header, alg: 'none' }, payload, issuer.key),
    ]
    for (const token of tokens) expectRefusal(await strict.get(token), 'invalid_token')
  })
})

describe('RFC 9068 §2.2.3: what the token grants', () => {
  it.each([
    ['one', 'read', ['read']],
    ['two', 'read write', ['read', 'write']],
    ['spaces too many', '  read   write ', ['read', 'write']],
    ['another case', 'read READ', ['read', 'READ']],
    ['one twice', 'read read', ['read']],
  ])('splits the scope on spaces: %s (9068-11, 9068-12, 8693-04)', async (_name, scope, scopes) => {
    for (const api of [strict, lenient]) {
      expect((await api.get(withClaims({ scope }))).body).toMatchObject({ scopes })
    }
  })

  it.each(['READ', 'read\twrite', 'read,write', 'reader', 'rea', '', 'read\u00a0'])(
    'finds no scope "read" in %j (9068-12)',
    async (scope) => {
      expectRefusal(await strict.get(withClaims({ scope })), 'insufficient_scope', 'read')
    },
  )

  it('takes a list of scopes, or the name scp, in the lenient profile only (9068-12)', async () => {
    const asList = withClaims({ scope: ['read', 'x y'] })
    expect((await lenient.get(asList)).body).toMatchObject({ scopes: ['read', 'x', 'y'] })
    expectRefusal(await strict.get(asList), 'invalid_token')
    for (const scp of ['read', ['read']]) {
      const asScp = withClaims({ scope: undefined, scp })
      expect((await lenient.get(asScp)).body).toMatchObject({ scopes: ['read'] })
      expectRefusal(await strict.get(asScp), 'insufficient_scope', 'read')
    }
  })

  it('never joins scope and scp: scope alone counts where it is there (9068-12)', async () => {
    const both = withClaims({ scope: 'other', scp: 'read' })
    expectRefusal(await lenient.get(both), 'insufficient_scope', 'read')
    const empty = withClaims({ scope: '', scp: 'read' })
    expectRefusal(await lenient.get(empty), 'insufficient_scope', 'read')
  })

  it.each([7, {}, true, [1], ['read', null]])(
    'refuses the scope %j, which is no text (9068-12)',
    async (scope) => {
      for (const api of [strict, lenient]) {
        expectRefusal(await api.get(withClaims({ scope })), 'invalid_token')
      }
    },
  )

  it('grants nothing where there is no scope at all (9068-11)', async () => {
    const none = withClaims({ scope: undefined, roles: ['read'], permissions: ['read'] })
    expectRefusal(await strict.get(none), 'insufficient_scope', 'read')
    expectRefusal(await lenient.get(none), 'insufficient_scope', 'read')
  })

  it.each([
    ['strings', ['admin', 'editor']],
    ['objects', [{ value: 'admin', display: 'Admin', primary: true }, { value: 'editor' }]],
    ['both', ['admin', { value: 'editor', type: 'x' }]],
    ['strings and nonsense', ['admin', 7, null, [], { display: 'x' }, { value: 1 }, 'editor']],
  ])('reads roles that are %s (9068-13)', async (_name, roles) => {
    const response = await strict.get(withClaims({ roles }))
    expect(response.body).toMatchObject({ roles: ['admin', 'editor'] })
  })

  it.each(['groups', 'entitlements'])(
    'reads roles out of %s where told to (9068-13)',
    async (name) => {
      const grouped = await startApi(issuer, { clock, claims: { roles: ['roles', name] } })
      const response = await grouped.get(withClaims({ roles: ['a'], [name]: [{ value: 'b' }] }))
      expect(response.body).toMatchObject({ roles: ['a', 'b'] })
      await grouped.close()
    },
  )
})

describe('RFC 9068 §6: privacy', () => {
  it('reports who came without naming anybody (9068-17)', async () => {
    await strict.get(withClaims({ sub: 'person-4711', jti: 'token-4711' }))
    const event = strict.events.findLast(({ name }) => name === 'bearer.accepted')
    expect(event).toMatchObject({ token: { issuer: issuer.url, clientId: 'client-1' } })
    expect(JSON.stringify(event)).not.toContain('4711')
  })
})
