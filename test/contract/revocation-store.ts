import { beforeEach, describe, expect, it } from '@jest/globals'
import type { NamedIssuer } from '../../lib/revocation/issuer-name.js'
import {
  RevocationUnavailable,
  type RevocationQuery,
  type RevocationStore,
} from '../../lib/revocation/store.js'
import { itIsNotFilledByOne } from './revocation-share.js'
import { ISSUER, OTHER_ISSUER, storeUnderTest, type OpenStore } from './store-under-test.js'

const ODD_IDS: readonly [string, string][] = [
  ['braces that could move a key to another slot', '}{revocations}{'],
  ['colons that could run into the next part of a key', 'a:b'],
  ['commas, semicolons and equals signs', 'a,b;c=d;e=-'],
  ['spaces and line ends', ' a\r\nSET b 1\r\n'],
  ['an empty string', ''],
  ['4 kB', 'x'.repeat(4096)],
  ['4 kB with another end', `${'x'.repeat(4095)}y`],
  ['composed unicode', '\u00e9'],
  ['decomposed unicode', 'e\u0301'],
  ['a lone surrogate', 'a\ud800'],
  ['another lone surrogate', 'a\ud801'],
  ['the replacement character', 'a\ufffd'],
  ['a null character', 'a\u0000b'],
  ['what a hashed id looks like', '~47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['a property of every object', '__proto__'],
]

function othersThan(id: string): string[] {
  return ODD_IDS.map(([, other]) => other).filter((other) => other !== id)
}

/** What every store promises, whatever it keeps its entries in. */
export function itKeepsTheStoreContract(open: OpenStore): void {
  const its = storeUnderTest(open)
  const { token, verdict } = its
  let store: RevocationStore
  let now: number
  beforeEach(() => {
    store = its.store
    now = its.now
  })

  describe('check', () => {
    it('accepts a token of which nothing is known', async () => {
      expect(await verdict()).toEqual({ revoked: false })
    })

    it('accepts a token without session, subject and client', async () => {
      const bare = { sessionId: undefined, subject: undefined, clientId: undefined }
      expect(await verdict(bare)).toEqual({ revoked: false })
    })

    it('refuses a token that lives longer than revocations are remembered', async () => {
      const longLived = { issuedAt: now, expiresAt: now + 3601 }
      expect(await verdict(longLived)).toEqual({ revoked: true, by: 'lifetime' })
    })

    it('judges the token that it is asked about, whatever it remembers of another', async () => {
      const good = Object.freeze(token())
      const revoked = Object.freeze(token({ tokenId: 'token-2' }))
      await store.revokeToken(revoked)
      for (let turn = 0; turn < 2; turn += 1) {
        expect(await store.check(good)).toEqual({ revoked: false })
        expect(await store.check(revoked)).toEqual({ revoked: true, by: 'token' })
      }
    })

    it('gives verdicts that nobody can change for other tokens', async () => {
      const longLived = { issuedAt: now, expiresAt: now + 3601 }
      const [refused, accepted] = [await verdict(longLived), await verdict()]
      expect(() => Object.assign(refused, { revoked: false })).toThrow(TypeError)
      expect(() => Object.assign(accepted, { revoked: true })).toThrow(TypeError)
      expect(await verdict(longLived)).toEqual({ revoked: true, by: 'lifetime' })
      expect(await verdict()).toEqual({ revoked: false })
    })

    it('judges a query anew that was changed since', async () => {
      await store.revokeToken(token({ tokenId: 'token-2' }))
      const query: { -readonly [K in keyof RevocationQuery]: RevocationQuery[K] } = token()
      expect(await store.check(query)).toEqual({ revoked: false })
      query.tokenId = 'token-2'
      expect(await store.check(query)).toEqual({ revoked: true, by: 'token' })
    })
  })

  describe('revokeToken', () => {
    it('revokes that token and no other (7519-11)', async () => {
      await store.revokeToken(token())
      expect(await verdict()).toEqual({ revoked: true, by: 'token' })
      expect(await verdict({ tokenId: 'token-2' })).toEqual({ revoked: false })
      expect(await verdict({ issuer: OTHER_ISSUER })).toEqual({ revoked: false })
    })

    it('counts revocations', async () => {
      const first = await store.revokeToken(token())
      const second = await store.revokeToken(token({ tokenId: 'token-2' }))
      expect(second.sequence).toBe(first.sequence + 1)
    })

    it('does not write entries for tokens long expired (X-05)', async () => {
      const first = await store.revokeToken(token())
      const gone = await store.revokeToken(token({ tokenId: 'token-2', expiresAt: now - 3600 }))
      expect(gone.sequence).toBe(first.sequence)
    })

    it('revokes a token that lives too long until its exp: near its end it may be taken again', async () => {
      const longLived = { issuedAt: undefined, expiresAt: now + 9000 }
      expect(await verdict(longLived)).toEqual({ revoked: true, by: 'lifetime' })
      await store.revokeToken(token(longLived))
      its.now += 8990
      expect(await verdict(longLived)).toEqual({ revoked: true, by: 'token' })
      expect(await verdict({ ...longLived, tokenId: 'token-2' })).toEqual({ revoked: false })
    })

    it('still revokes a token in the leeway after its exp', async () => {
      const expiring = token({ expiresAt: now - 30 })
      await store.revokeToken(expiring)
      expect(await store.check(expiring)).toEqual({ revoked: true, by: 'token' })
    })
  })

  describe('odd ids', () => {
    it.each(ODD_IDS)('revokes exactly the token whose id is %s', async (_name, tokenId) => {
      await store.revokeToken(token({ tokenId }))
      expect(await verdict({ tokenId })).toEqual({ revoked: true, by: 'token' })
      for (const other of othersThan(tokenId)) {
        expect(await verdict({ tokenId: other })).toEqual({ revoked: false })
      }
    })

    it.each(ODD_IDS)('spares exactly the session whose id is %s', async (_name, sessionId) => {
      await store.revokeSubject(token() as { issuer: string; subject: string }, {
        exceptSessions: [sessionId],
      })
      expect(await verdict({ sessionId })).toEqual({ revoked: false })
      for (const other of othersThan(sessionId)) {
        expect(await verdict({ sessionId: other })).toEqual({ revoked: true, by: 'subject' })
      }
    })

    it.each(ODD_IDS)('keeps issuers apart where one ends in %s', async (_name, end) => {
      const issuer = `${ISSUER}/${end}`
      await store.revokeToken(token({ issuer }))
      expect(await verdict({ issuer })).toEqual({ revoked: true, by: 'token' })
      for (const other of othersThan(end)) {
        expect(await verdict({ issuer: `${ISSUER}/${other}` })).toEqual({ revoked: false })
      }
    })

    it('does not take a token id for a session id, nor a subject for a client', async () => {
      await store.revokeToken(token({ tokenId: 'same' }))
      await store.revokeClient({ issuer: ISSUER, clientId: 'same' })
      const alike = { sessionId: 'same', subject: 'same' }
      expect(await verdict(alike)).toEqual({ revoked: false })
    })
  })

  describe('revokeSession', () => {
    it('revokes all tokens of the session, later ones too (BCL-19)', async () => {
      await store.revokeSession({ issuer: ISSUER, sessionId: 'session-1' })
      expect(await verdict()).toEqual({ revoked: true, by: 'session' })
      expect(await verdict({ issuedAt: now + 60 })).toEqual({ revoked: true, by: 'session' })
      expect(await verdict({ sessionId: 'session-2' })).toEqual({ revoked: false })
      expect(await verdict({ sessionId: undefined })).toEqual({ revoked: false })
    })
  })

  describe('revokeSubject', () => {
    const user = { issuer: ISSUER, subject: 'user-1' }

    it('revokes what was issued so far, and not what is issued after its receipt', async () => {
      const { notBefore } = await store.revokeSubject(user)
      expect(notBefore).toBe(now)
      expect(await verdict({ issuedAt: now })).toEqual({ revoked: true, by: 'subject' })
      expect(await verdict({ issuedAt: now + 1 })).toEqual({ revoked: false })
      expect(await verdict({ subject: 'user-2' })).toEqual({ revoked: false })
      expect(await verdict({ issuer: OTHER_ISSUER })).toEqual({ revoked: false })
    })

    it('revokes what was issued so far in this second, by a clock that counts parts of it', async () => {
      its.now += 0.95
      await store.revokeSubject(user)
      expect(await verdict({ issuedAt: its.now })).toEqual({ revoked: true, by: 'subject' })
    })

    it('revokes a token that does not say when it was issued', async () => {
      await store.revokeSubject(user, { issuedBefore: now - 1000 })
      expect(await verdict({ issuedAt: undefined })).toEqual({ revoked: true, by: 'subject' })
      expect(await verdict()).toEqual({ revoked: false })
    })

    it('spares the sessions it is told to', async () => {
      await store.revokeSubject(user, { exceptSessions: ['session-1'] })
      expect(await verdict()).toEqual({ revoked: false })
      expect(await verdict({ sessionId: 'session-2' })).toEqual({ revoked: true, by: 'subject' })
    })

    it('does not spare a session again that an earlier call has revoked', async () => {
      await store.revokeSubject(user, { issuedBefore: now - 100 })
      await store.revokeSubject(user, { exceptSessions: ['session-1'] })
      expect(await verdict({ issuedAt: now - 100 })).toEqual({ revoked: true, by: 'subject' })
      expect(await verdict({ issuedAt: now - 99 })).toEqual({ revoked: false })
    })

    it('takes nothing back when an older event arrives late', async () => {
      await store.revokeSubject(user)
      await store.revokeSubject(user, { issuedBefore: now - 1000, exceptSessions: ['session-1'] })
      expect(await verdict()).toEqual({ revoked: true, by: 'subject' })
    })
  })

  describe('an issuer that is spelt in several ways', () => {
    const spelt = { issuer: `${ISSUER}/other-spelling`, revocationIssuer: ISSUER }

    it.each<[string, (name: NamedIssuer) => unknown]>([
      ['token', (name) => store.revokeToken({ ...token(), ...name })],
      ['session', (name) => store.revokeSession({ ...name, sessionId: 'session-1' })],
      ['subject', (name) => store.revokeSubject({ ...name, subject: 'user-1' })],
      ['client', (name) => store.revokeClient({ ...name, clientId: 'client-1' })],
      ['issuer', (name) => store.revokeAll(name)],
      ['version', (name) => store.requireTokenVersion({ ...name, subject: 'user-1' }, 1)],
    ])('has one name for revocations: by %s', async (by, revoke) => {
      await revoke(spelt)
      expect(await verdict({ issuer: ISSUER })).toEqual({ revoked: true, by })
      expect(await verdict(spelt)).toEqual({ revoked: true, by })
      expect(await verdict({ issuer: spelt.issuer })).toEqual({ revoked: false })
    })
  })

  describe('revokeClient, revokeAll, requireTokenVersion', () => {
    it('revokes what a client holds', async () => {
      await store.revokeClient({ issuer: ISSUER, clientId: 'client-1' })
      expect(await verdict()).toEqual({ revoked: true, by: 'client' })
      expect(await verdict({ clientId: 'client-2' })).toEqual({ revoked: false })
      expect(await verdict({ issuedAt: now + 1 })).toEqual({ revoked: false })
    })

    it('revokes all tokens of one issuer', async () => {
      await store.revokeAll({ issuer: ISSUER })
      expect(await verdict()).toEqual({ revoked: true, by: 'issuer' })
      expect(await verdict({ issuer: OTHER_ISSUER })).toEqual({ revoked: false })
    })

    it('revokes all tokens of every issuer', async () => {
      const { notBefore } = await store.revokeAll()
      expect(notBefore).toBe(now)
      expect(await verdict({ issuer: OTHER_ISSUER })).toEqual({ revoked: true, by: 'all' })
      expect(await verdict({ issuedAt: now + 1 })).toEqual({ revoked: false })
    })

    it('requires a version, and never less than before', async () => {
      await store.requireTokenVersion({ issuer: ISSUER, subject: 'user-1' }, 3)
      await store.requireTokenVersion({ issuer: ISSUER, subject: 'user-1' }, 2)
      expect(await verdict({ version: 2 })).toEqual({ revoked: true, by: 'version' })
      expect(await verdict({ version: undefined })).toEqual({ revoked: true, by: 'version' })
      expect(await verdict({ version: 3 })).toEqual({ revoked: false })
    })

    it('judges each mark on its own: a finer one does not replace a coarser one', async () => {
      await store.revokeAll({ issuedBefore: now - 30 })
      await store.revokeClient({ issuer: ISSUER, clientId: 'client-1' }, { issuedBefore: now - 90 })
      expect(await verdict({ issuedAt: now - 60 })).toEqual({ revoked: true, by: 'all' })
    })
  })

  itIsNotFilledByOne(its)

  describe('arguments that would revoke nothing', () => {
    const user = { issuer: ISSUER, subject: 'user-1' }
    const missing = undefined as unknown as string
    it.each<[string, () => Promise<unknown>, RegExp]>([
      ['no token id', () => store.revokeToken(token({ tokenId: missing })), /"tokenId".*undefined/],
      ['no issuer', () => store.revokeToken(token({ issuer: missing })), /"issuer".*undefined/],
      ['an exp of NaN', () => store.revokeToken(token({ expiresAt: Number.NaN })), /"expiresAt"/],
      [
        'no session',
        () => store.revokeSession({ issuer: ISSUER, sessionId: missing }),
        /"sessionId"/,
      ],
      ['no subject', () => store.revokeSubject({ issuer: ISSUER, subject: missing }), /"subject"/],
      ['no client', () => store.revokeClient({ issuer: ISSUER, clientId: missing }), /"clientId"/],
      ['a mark at NaN', () => store.revokeSubject(user, { issuedBefore: Number.NaN }), /seconds/],
      ['a mark in ms', () => store.revokeAll({ issuedBefore: Date.now() }), /seconds/],
      ['a version of NaN', () => store.requireTokenVersion(user, Number.NaN), /"minimum"/],
      ['a version of 1e300', () => store.requireTokenVersion(user, 1e300), /"minimum"/],
    ])('are rejected by name: %s', async (_name, revoke, message) => {
      await expect(revoke()).rejects.toThrow(TypeError)
      await expect(revoke()).rejects.toThrow(message)
    })
  })

  describe('its life', () => {
    it('is ready and says so', async () => {
      await store.ready()
      expect(store.status()).toMatchObject({ ready: true })
    })

    it('knows nothing and stores nothing once it is closed', async () => {
      await store.revokeToken(token())
      await store.close()
      expect(store.status()).toMatchObject({ ready: false, state: 'closed' })
      await expect(verdict()).rejects.toThrow(RevocationUnavailable)
      await expect(store.revokeToken(token())).rejects.toThrow(RevocationUnavailable)
      await expect(store.revokeAll()).rejects.toThrow(RevocationUnavailable)
    })

    it('can be closed twice', async () => {
      await store.close()
      await expect(store.close()).resolves.toBeUndefined()
    })
  })
}
