import { generateKeyPairSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

/** What a server has to say when it is well, and something of the right shape that must be refused. */
export interface DocumentBodies {
  readonly good: unknown
  readonly wrong: unknown
}

type Misbehaviour = (res: ServerResponse, bodies: DocumentBodies) => void

const RSA_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
  format: 'jwk',
})

const BOMB = gzipSync(Buffer.alloc(16_777_216, ' '))

const MISBEHAVIOUR: Readonly<Record<string, Misbehaviour>> = {
  reset: (res) => socketOf(res).resetAndDestroy(),
  silence() {},
  'a head that drips'(res) {
    const socket = socketOf(res)
    socket.write('HTTP/1.1 200 OK\r\n')
    repeatedly(res, () => socket.write('X-More: to come\r\n'))
  },
  'a body that drips'(res) {
    res.setHeader('Content-Type', 'application/json')
    repeatedly(res, () => res.write(' '))
  },
  'a body without end'(res) {
    res.setHeader('Content-Type', 'application/json')
    const more = (): void => {
      while (!res.destroyed && res.write(' '.repeat(65_536)));
    }
    res.on('drain', more)
    more()
  },
  'a body announced as huge'(res) {
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000000000000' })
    res.flushHeaders()
  },
  'a gzip bomb'(res) {
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
    res.end(BOMB)
  },
  'broken gzip'(res) {
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
    res.end('not gzip')
  },
  'an unknown encoding'(res, { good }) {
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'rot13' })
    res.end(JSON.stringify(good))
  },
  'a head of 100 kB'(res, { good }) {
    res.writeHead(200, { 'Content-Type': 'application/json', 'X-Long': 'x'.repeat(100_000) })
    res.end(JSON.stringify(good))
  },
  'an HTML page'(res) {
    res.writeHead(200, { 'Content-Type': 'text/html' })
    res.end('<!doctype html><title>Sign in to the Wi-Fi</title>')
  },
  'a truncated body'(res, { good }) {
    const body = JSON.stringify(good)
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    res.write(body.slice(0, -10), () => socketOf(res).destroy())
  },
  'bytes that are not UTF-8'(res, { good }) {
    res.setHeader('Content-Type', 'application/json')
    res.end(Buffer.from(JSON.stringify({ note: '\xFF', ...(good as object) }), 'latin1'))
  },
  'an empty body'(res) {
    res.setHeader('Content-Type', 'application/json')
    res.end()
  },
  'JSON of the wrong shape'(res) {
    res.setHeader('Content-Type', 'application/json')
    res.end('[null]')
  },
  'a document to be refused'(res, { wrong }) {
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify(wrong))
  },
  'an exponent of 385 kB': (res) => sendKey(res, { e: longNumber() }),
  'a modulus of 385 kB': (res) => sendKey(res, { n: longNumber() }),
  'a kid of 500 kB': (res) => sendKey(res, { kid: 'k'.repeat(500_000) }),
  'a set of brackets'(res) {
    res.setHeader('Content-Type', 'application/json')
    res.end(`{"keys":${'['.repeat(250_000)}${']'.repeat(250_000)}}`)
  },
  'a redirect'(res) {
    res.writeHead(302, { Location: REDIRECT_TARGET })
    res.end()
  },
  'a switch of protocols'(res) {
    socketOf(res).write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    )
  },
  'something other than HTTP': (res) => void socketOf(res).write('220 mail.test ESMTP\r\n'),
  'status 204': (res) => void res.writeHead(204).end(),
  'status 404': (res) => void res.writeHead(404).end(),
  'status 429': (res) => void res.writeHead(429, { 'Retry-After': '1' }).end(),
  'status 500': (res) => void res.writeHead(500).end(),
}

/** What only those who are asked with credentials answer. */
const OF_CALLS = [400, 401, 403]

/** A redirect leads here, where the good document is: whoever follows it is found out. */
export const REDIRECT_TARGET = '/elsewhere'

/** Every fault: those of the whole server, which are not for `misbehave`, and those of an answer. */
export const FAULTS: readonly string[] = [
  'a refused connection',
  'bad TLS',
  ...Object.keys(MISBEHAVIOUR),
]

/** Every fault of an endpoint that is called with credentials. */
export const CALL_FAULTS: readonly string[] = [
  ...FAULTS.filter((fault) => !/exponent|modulus|kid of|set of brackets/.test(fault)),
  ...OF_CALLS.map((status) => `status ${status}`),
]

export function misbehave(fault: string, res: ServerResponse, bodies: DocumentBodies): void {
  const status = OF_CALLS.find((each) => fault === `status ${each}`)
  if (status !== undefined) {
    res.writeHead(status).end()
    return
  }
  const misbehaviour = MISBEHAVIOUR[fault]
  if (misbehaviour === undefined) throw new Error(`"${fault}" is no fault of an answer`)
  misbehaviour(res, bodies)
}

function socketOf(res: ServerResponse): Socket {
  if (res.socket === null) throw new Error('The client is gone')
  return res.socket
}

/** A set of one key, good but for the changes: it stays within the cap on a document. */
function sendKey(res: ServerResponse, changes: Readonly<Record<string, string>>): void {
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ keys: [{ ...RSA_KEY, kid: 'key-1', ...changes }] }))
}

function longNumber(): string {
  return Buffer.alloc(385_000, 0xff).toString('base64url')
}

function repeatedly(res: ServerResponse, act: () => void): void {
  const timer = setInterval(act, 20)
  res.on('close', () => clearInterval(timer))
}
