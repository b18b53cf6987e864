import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import express, { type Express, type Request, type Response } from 'express'
import { isSameOrigin, loginRedirect, strictCors, tokenCookie } from '../../lib/browser.js'
import {
  authOf,
  csrfGuard,
  logout,
  memoryRevocationStore,
  jtiBlocklist,
  requireBearer,
  securityHeaders,
} from '../../lib/index.js'
import { createTestIssuer, type TestIssuer } from '../../lib/testing.js'
import { running } from '../../tools/server.js'
import { startSessionLab, type SessionLab } from './session-lab.js'

/** The bank; the bank's own front end; a sibling in other hands; another site. */
export const HOST_NAMES: readonly string[] = [
  'bank.example',
  'app.bank.example',
  'sub.bank.example',
  'evil.example',
  'bff.example',
  'tabs.example',
]

/** A request that reached the bank on behalf of a case. */
export interface Arrival {
  readonly method: string
  readonly status: number
  /** The handler ran: what an attack is after. */
  readonly ran: boolean
  readonly error: string | undefined
  readonly carriedCookie: boolean
}

export interface Lab {
  /** Origins, with the ports of this run. */
  readonly bank: string
  readonly app: string
  readonly sibling: string
  readonly evil: string
  /** The bank by plain http. */
  readonly plainBank: string
  readonly localhost: string
  /** An app with `tokenHandler`. */
  readonly sessions: SessionLab
  arrivals(caseId: string): readonly Arrival[]
  close(): Promise<void>
}

const COOKIE = tokenCookie()
/** A name without a prefix, as many apps have: what it cannot defend itself against. */
export const PLAIN_COOKIE = 'at'

export async function startLab(): Promise<Lab> {
  const issuer = createTestIssuer()
  const seen = new Map<string, Arrival[]>()
  const apps = new Map<string, RequestListener>()
  const byHost: RequestListener = (req, res) => {
    const name = (req.headers.host ?? '').split(':')[0]!
    const app = apps.get(name)
    if (app === undefined) res.writeHead(404).end()
    else app(req, res)
  }
  const secureServer = createHttps(selfSigned(), byHost)
  const secure = await running(secureServer)
  const plain = await running(createHttp(byHost))
  const origin = (name: string): string => `https://${name}:${secure.port}`
  // An upgraded socket belongs to no server any more, and nothing else would close it.
  const sockets = new Set<Duplex>()
  secureServer.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
    sockets.add(socket.on('error', () => undefined))
    answerUpgrade(req, socket)
  })
  const lab: Lab = {
    bank: origin('bank.example'),
    app: origin('app.bank.example'),
    sibling: origin('sub.bank.example'),
    evil: origin('evil.example'),
    plainBank: `http://bank.example:${plain.port}`,
    localhost: `http://localhost:${plain.port}`,
    sessions: await startSessionLab(origin('bff.example'), origin('tabs.example')),
    arrivals: (caseId) => seen.get(caseId) ?? [],
    async close() {
      for (const socket of sockets) socket.destroy()
      await Promise.all([secure.close(), plain.close(), lab.sessions.close()])
    },
  }
  const bank = bankApp({ lab, issuer, seen })
  apps.set('bank.example', bank)
  apps.set('localhost', bank)
  apps.set('app.bank.example', emptyPages())
  apps.set('sub.bank.example', siblingApp())
  apps.set('evil.example', evilApp(lab))
  apps.set('bff.example', lab.sessions.app)
  apps.set('tabs.example', lab.sessions.tabs)
  return lab
}

interface BankParts {
  readonly lab: Lab
  readonly issuer: TestIssuer
  readonly seen: Map<string, Arrival[]>
}

function bankApp({ lab, issuer, seen }: BankParts): Express {
  const app = express()
  const revocations = memoryRevocationStore()
  const trustedOrigins = [lab.app]
  const withCookie = [
    requireBearer({ ...issuer.options, cookie: { ...COOKIE, trustedOrigins } }),
    jtiBlocklist(revocations),
  ]
  const expiresAt = Date.now() / 1000 + 300

  app.use((req, res, next) => {
    record(seen, query(req, 'case'), req, res)
    next()
  })
  app.get('/page', (_req, res) => void res.type('html').send('<!doctype html><title>bank</title>'))
  app.get('/page/no-referrer', (_req, res) => {
    res
      .set('Referrer-Policy', 'no-referrer')
      .type('html')
      .send('<!doctype html><title>bank</title>')
  })
  app.get('/login', async (_req, res) => {
    const token = issuer.token({ sub: 'alice' })
    COOKIE.set(res, token, { expiresAt })
    res.cookie(PLAIN_COOKIE, token, { httpOnly: true, secure: true, sameSite: 'strict' })
    res.send('logged in')
  })
  app.get('/callback', async (_req, res) => {
    COOKIE.set(res, issuer.token({ sub: 'alice' }), { expiresAt })
    loginRedirect(res, '/account')
  })
  app.get('/write', (req, res) => {
    const bytes = Number(query(req, 'bytes'))
    const name = '__Host-size'
    res.set('Set-Cookie', `${name}=${'a'.repeat(bytes - name.length)}; Path=/; Secure; HttpOnly`)
    res.send('written')
  })
  app.get('/cookies', (req, res) => void res.json(req.headers.cookie?.split('; ') ?? []))

  // The guard in front, as for a session of one's own; and the check inside requireBearer alone.
  app.all('/transfer', csrfGuard({ trustedOrigins }), ...withCookie, ran)
  app.all('/welded', ...withCookie, ran)
  app.use('/api', strictCors({ trustedOrigins, credentials: true }))
  app.all('/api/notes', ...withCookie, ran)

  app.get(
    '/account',
    ...withCookie,
    (req, res) => void res.send(`account of ${authOf(req).subject}`),
  )
  app.get('/plain-cookie', requireBearer({ ...issuer.options, cookie: PLAIN_COOKIE }), ran)
  app.post('/logout', ...withCookie, logout(revocations, { cookies: [COOKIE] }))

  app.get('/nonce', securityHeaders({ preset: 'web' }), (_req, res) => {
    const nonce = String(res.locals['cspNonce'])
    res.type('html').send(`<!doctype html><title>nonce</title>
      <script nonce="${nonce}">document.title += ' with'</script>
      <script>document.title += ' without'</script>
      <img src="data:," onerror="document.title += ' handler'">`)
  })
  app.get('/json', securityHeaders(), (_req, res) => void res.json({ secret: true }))
  return app
}

function ran(_req: unknown, res: Response): void {
  res.locals['ran'] = true
  res.json({ done: true })
}

function record(
  seen: Map<string, Arrival[]>,
  caseId: string,
  req: IncomingMessage,
  res: Response,
): void {
  let error: string | undefined
  const end = res.end.bind(res)
  res.end = ((...args: Parameters<typeof end>) => {
    const body = String(args[0] ?? '')
    if (body.startsWith('{"error"')) error = (JSON.parse(body) as { error: string }).error
    return end(...args)
  }) as typeof res.end
  res.once('close', () => {
    const arrival = {
      method: req.method ?? '',
      status: res.statusCode,
      ran: res.locals['ran'] === true,
      error,
      carriedCookie: req.headers.cookie?.includes(COOKIE.name) === true,
    }
    seen.set(caseId, [...(seen.get(caseId) ?? []), arrival])
  })
}

function emptyPages(): Express {
  return express().use((_req, res) => void res.type('html').send('<!doctype html><title>x</title>'))
}

/** The first of a query parameter, if any. */
function query({ query: parameters }: Request, name: string): string {
  const value = parameters[name]
  return typeof value === 'string' ? value : ''
}

/** Plants cookies for the whole domain, by headers as raw as an attacker can send them. */
function siblingApp(): Express {
  const app = express()
  app.get('/toss', (req, res) => {
    const line = `${query(req, 'name')}=EVIL; Domain=bank.example; Path=/${query(req, 'path')}; Secure`
    res.socket?.end(
      `HTTP/1.1 200 OK\r\nSet-Cookie: ${line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      'latin1',
    )
  })
  return app.use(emptyPages())
}

function evilApp(lab: Lab): Express {
  const app = express()
  app.all('/bounce', (req, res) => {
    res.set('Access-Control-Allow-Origin', req.headers.origin ?? '*')
    res.set('Access-Control-Allow-Credentials', 'true')
    res.redirect(307, `${lab.bank}${query(req, 'to')}`)
  })
  app.get('/sandbox', (req, res) => {
    const target = query(req, 'target')
    const inner = `<form method=post action='${target}'></form><script>document.forms[0].submit()</script>`
    res
      .type('html')
      .send(
        `<!doctype html><iframe sandbox="allow-scripts allow-forms" srcdoc="${inner}"></iframe>`,
      )
  })
  app.get('/frame', (req, res) => {
    res.type('html').send(`<!doctype html><iframe src="${query(req, 'target')}"></iframe>`)
  })
  app.get('/idp', (_req, res) => res.redirect(`${lab.bank}/callback`))
  return app.use(emptyPages())
}

/** A WebSocket server that says nothing, to those whom isSameOrigin lets in. */
function answerUpgrade(req: IncomingMessage, socket: Duplex): void {
  if (!isSameOrigin(req)) {
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    return
  }
  const accept = createHash('sha1')
    .update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
}

function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'ers-tls-'))
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  const names = HOST_NAMES.map((name) => `DNS:${name}`).join(',')
  const { status, stderr } = spawnSync('openssl', [
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' '),
    ...`-subj /CN=bank.example -addext subjectAltName=${names}`.split(' '),
    '-keyout',
    key,
    '-out',
    cert,
  ])
  if (status !== 0) throw new Error(`openssl failed: ${String(stderr)}`)
  try {
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
