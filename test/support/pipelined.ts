import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Sends `GET /r` once per token over one connection, all at once (RFC 9112 §9.3.2), and counts the
 * statuses of the answers.
 */
export async function pipelined(
  port: number,
  tokens: readonly string[],
): Promise<ReadonlyMap<number, number>> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const requests = tokens.map(
    (token) => `GET /r HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
  socket.write(requests.join(''))
  const counts = new Map<number, number>()
  let text = ''
  let answered = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    const heads = text.split('HTTP/1.1 ')
    // What follows the last one may be incomplete.
    text = `HTTP/1.1 ${heads.pop() ?? ''}`
    for (const head of heads) answered += count(counts, head)
    if (answered + 1 === tokens.length && text.includes('\r\n\r\n')) {
      count(counts, text.slice('HTTP/1.1 '.length))
      break
    }
  }
  return counts
}

function count(counts: Map<number, number>, head: string): number {
  const status = Number(head.slice(0, 3))
  if (status === 0) return 0
  counts.set(status, (counts.get(status) ?? 0) + 1)
  return 1
}
