import { connect } from 'node:net'
import { once } from 'node:events'

const HEAD_END = '\r\n\r\n'
const LENGTH = 'content-length: '

/**
 * A keep-alive connection that has one request under way at a time. It writes bytes that were
 * prepared before and reads as little as can be believed, so that the client is never the slower side.
 */
export class Connection {
  #socket
  #received = ''
  #sentAt = 0
  /** Called with the status, the latency in milliseconds, and the whole answer. */
  onAnswer = undefined

  static async open(port) {
    const connection = new Connection()
    await connection.#open(port)
    return connection
  }

  send(bytes) {
    this.#sentAt = performance.now()
    this.#socket.write(bytes)
  }

  close() {
    this.#socket.destroy()
  }

  async #open(port) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(this.#socket, 'connect')
    this.#socket.on('data', (chunk) => this.#read(chunk))
    this.#socket.on('error', (error) => this.onAnswer?.(0, 0, error.message))
    this.#socket.on('end', () => this.onAnswer?.(0, 0, 'the server closed the connection'))
  }

  #read(chunk) {
    this.#received += chunk.latin1Slice()
    const headEnd = this.#received.indexOf(HEAD_END)
    if (headEnd === -1) return
    const wanted = headEnd + HEAD_END.length + contentLength(this.#received)
    if (this.#received.length < wanted) return
    const answer = this.#received
    this.#received = ''
    this.onAnswer(Number(answer.slice(9, 12)), performance.now() - this.#sentAt, answer)
  }
}

function contentLength(answer) {
  const at = answer.toLowerCase().indexOf(LENGTH)
  if (at === -1) throw new Error(`An answer without Content-Length:\n${answer}`)
  return Number.parseInt(answer.slice(at + LENGTH.length), 10)
}
