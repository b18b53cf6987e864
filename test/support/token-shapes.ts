/** Claims as issuers send them, and such as a hostile one would send to fill our memory. */
export const TOKEN_SHAPES: readonly (readonly [string, (index: number) => object])[] = [
  ['an ordinary token', ordinary],
  ['hardly any claims', () => ({})],
  ['empty lists', () => ({ x: many(2600, () => []) })],
  ['empty objects', () => ({ x: many(2600, () => ({})) })],
  ['lists in lists', () => ({ x: many(60, () => nested(60)) })],
  ['objects of one new name each', () => ({ x: many(600, () => ({ [name()]: 1 })) })],
  ['objects of two new names each', () => ({ x: many(350, () => ({ [name()]: 1, [name()]: 2 })) })],
  ['objects of numbers as names', () => ({ x: many(800, (at) => ({ [at]: 1 })) })],
  ['twenty new names', () => named(20)],
  ['a hundred new names', () => named(100)],
  ['eight hundred new names', () => named(800)],
  ['old names in new orders', () => named(20, (at) => `n${at}-${Math.floor(Math.random() * 40)}`)],
  ['a list of numbers', () => ({ x: many(3500, () => 1) })],
  ['a list of fractions', () => ({ x: ['a', ...many(1700, () => 1.5)] })],
  ['a list of short texts', () => ({ x: many(1000, () => random().slice(0, 4)) })],
  ['one long text', () => ({ x: 'x'.repeat(8000) })],
  ['one long text with a wide character', () => ({ x: `${'x'.repeat(8000)}€` })],
  ['short texts of wide characters', () => ({ x: many(600, () => `${random().slice(0, 4)}€`) })],
  [
    'short scopes',
    () => ({ scope: many(1800, (at) => at.toString(36).padStart(3, 'x')).join(' ') }),
  ],
  ['long scopes', () => ({ scope: many(480, () => random().padEnd(15, 'x')).join(' ') })],
  ['many roles', () => ({ roles: many(1000, (at) => at.toString(36)) })],
  ['roles by name', () => ({ roles: named(800) })],
  [
    'many audiences',
    () => ({ aud: ['https://api.test', ...many(1000, () => random().slice(0, 4))] }),
  ],
]

function ordinary(index: number): object {
  return {
    sub: `user-${random()}`,
    client_id: 'notes-app',
    azp: 'notes-app',
    iat: 1_700_000_000,
    jti: `token-${random()}`,
    sid: `session-${random()}`,
    scope: 'openid profile email notes:read notes:write',
    realm_access: { roles: ['offline_access', 'uma_authorization'] },
    resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
    preferred_username: `user-${index}`,
    email: `user-${index}@example.com`,
    email_verified: true,
    name: `Jane Doe ${index}`,
  }
}

let names = 0

function name(): string {
  names += 1
  return `k${names.toString(36)}`
}

function named(count: number, nameAt: (at: number) => string = name): object {
  return Object.fromEntries(many(count, (at) => [nameAt(at), 1]))
}

function nested(depth: number): unknown {
  return depth === 0 ? [] : [nested(depth - 1)]
}

function random(): string {
  return Math.random().toString(36).slice(2, 17)
}

function many<T>(length: number, make: (at: number) => T): T[] {
  return Array.from({ length }, (_, at) => make(at))
}
