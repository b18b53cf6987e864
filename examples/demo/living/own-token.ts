/** Claims of a token that the issuer gave to this server itself: that needs no verification. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

export function subjectOf(token: string | undefined): string | undefined {
  const subject = token === undefined ? undefined : claimsOf(token)['sub']
  return typeof subject === 'string' ? subject : undefined
}
