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
  return new Response(method === 'HEAD' ? null : body, { status, headers: sent })
}
