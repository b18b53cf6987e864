import type { Answer } from './answer.js'

/** An answer as a host that speaks fetch sends it. */
export function toResponse(
  { status, headers, body }: Answer,
  method: string,
  vary: readonly string[],
): Response {
  const sent = new Headers(vary.length === 0 ? {} : { Vary: vary.join(', ') })
  for (const [name, value] of headers) {
    if (name === 'Vary' && vary.length > 0) continue
    for (const line of [value].flat()) sent.append(name, line)
  }
  // 204 and 304 must have none, be it empty.
  const content = method === 'HEAD' || body === '' ? null : body
  return new Response(content, { status, headers: sent })
}
