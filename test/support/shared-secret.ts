import { createHmac } from 'node:crypto'

export const SECRET: Buffer = Buffer.alloc(32, 7)
export const SHARED: {
  readonly issuer: string
  readonly audience: string
  readonly secret: Buffer
} = {
  issuer: 'https://id.test',
  audience: 'https://api.test',
  secret: SECRET,
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of an issuer that shares a secret with us: no server has its keys. */
export function sharedToken(
  claims: object = {},
  header: object = {},
  secret: Buffer = SECRET,
): string {
  const now = Math.floor(Date.now() / 1000)
  const whole = {
    iss: SHARED.issuer,
    aud: SHARED.audience,
    sub: 'user-1',
    client_id: 'client-1',
    iat: now - 10,
    exp: now + 300,
    jti: 'token-1',
    ...claims,
  }
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', ...header })}.${encode(whole)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
