import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { createServer, connect, type Server } from 'node:net'
import { openUserAgent, type Page } from '../examples/demo/user-agent.js'
import { send } from '../examples/demo/http.js'
import { until } from '../tools/until.js'
import { runDemo, type Demo } from './support/run-demo.js'

interface RunningDemo extends Demo {
  /** The origin of the page, once it is printed. */
  origin(): Promise<string>
  /** Processes that it started and that run now. */
  children(): readonly string[]
  /** Waits for its Redis server, as a process. */
  redis(): Promise<void>
}

const running: Demo[] = []
const servers: Server[] = []

afterEach(async () => {
  for (const demo of running.splice(0)) {
    demo.interrupt()
    await demo.ended
  }
  for (const server of servers.splice(0)) server.close()
})

/** Ended after the test, whatever comes of it. */
function openDemo(...given: Parameters<typeof runDemo>): RunningDemo {
  const demo = runDemo(...given)
  running.push(demo)
  const children = (): readonly string[] => processesOf(demo.pid)
  const origin = (): string => {
    const printed = /Open +(\S+)/.exec(demo.output)?.[1]
    if (printed === undefined) throw new Error(`No page yet: ${demo.output}`)
    return printed
  }
  const redis = (): void => {
    if (!children().some((line) => /redis|valkey/.test(line))) throw new Error(demo.output)
  }
  return {
    ...demo,
    get output() {
      return demo.output
    },
    children,
    origin: () => until(origin, 30_000),
    redis: () => until(redis, 20_000),
  }
}

/** As `<pid> <command>`. */
function processesOf(parent: number | undefined): readonly string[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
  const pids = children.split(' ').filter((pid) => pid !== '')
  return pids.map((pid) => `${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8')}`)
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Node resolves `localhost` by its own rules, and the demo is at 127.0.0.1. */
function addressOf(origin: string): string {
  return origin.replace('localhost', '127.0.0.1')
}

describe('npm run demo', () => {
  it('serves a page with our own headers, and prints its URL', async () => {
    const demo = openDemo([])
    const response = await fetch(addressOf(await demo.origin()))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toMatch(
      /script-src 'nonce-[^']+' 'strict-dynamic'/,
    )
    const nonce = /nonce-([^']+)'/.exec(response.headers.get('content-security-policy') ?? '')?.[1]
    const html = await response.text()
    expect(html).toContain(`<script type="module" src="/main.js" nonce="${nonce}">`)
    expect(html).not.toMatch(/https?:\/\/(?!localhost|127\.0\.0\.1|evil\.localhost)/)
  }, 60_000)

  it('logs a user in at the provider, and sets a cookie that no script reads', async () => {
    const demo = openDemo([])
    const origin = addressOf(await demo.origin())
    const visit = openUserAgent()
    let page: Page = await visit(new URL('/login', origin))
    for (let hops = 0; hops < 12; hops += 1) {
      if (page.location?.pathname === '/callback') break
      const prompt = /name="prompt" value="(\w+)"/.exec(page.html)?.[1] ?? ''
      page =
        page.location === undefined
          ? await visit(page.url, { prompt, login: 'alice', password: 'any will do' })
          : await visit(page.location)
    }
    const callback = new URL(page.location?.href ?? 'about:blank')
    const arrived = await visit(new URL(callback.pathname + callback.search, origin))
    expect(arrived.status).toBe(200)
    const { html } = await visit(new URL('/token', origin))
    expect(JSON.parse(html)).toMatchObject({ claims: { sub: 'alice' }, transport: 'cookie' })
    expect((await visit(new URL('/api/notes', origin))).status).toBe(200)
  }, 60_000)

  it.each([
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a sibling', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a host name that was rebound', { Host: 'evil.example' }, 421],
  ])(
    'lets %s move no lever of the stage',
    async (_who, headers, status) => {
      const demo = openDemo([], { PATH: '/nowhere' })
      const url = `${addressOf(await demo.origin())}/stage/rotate`
      const asked = request(url, { method: 'POST', headers })
      const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
      answer.resume()
      expect(answer.statusCode).toBe(status)
    },
    60_000,
  )

  it('says so where there is no Redis, and goes on with memory', async () => {
    const demo = openDemo([], { PATH: '/nowhere' })
    const origin = addressOf(await demo.origin())
    expect(demo.output).toContain('in memory: no redis-server is on PATH, and REDIS_URL is not set')
    const answer = await send(origin, { method: 'POST', path: '/stage/cut-redis', headers: [] })
    expect(JSON.parse(answer.body)).toMatchObject({
      note: expect.stringContaining('No Redis here'),
    })
  }, 60_000)

  it('says so where nothing answers at REDIS_URL, and leaves nothing running', async () => {
    const demo = openDemo([], { REDIS_URL: 'redis://127.0.0.1:1' })
    expect(await demo.ended).toBe(1)
    expect(demo.output.trim()).toBe(
      'Nothing answers at REDIS_URL. Start a server there, or unset it',
    )
  }, 60_000)

  it('takes another port where its own is taken, and says so', async () => {
    for (const port of [3000, 4000, 5000, 5001]) {
      const server = createServer().on('error', () => undefined)
      servers.push(server.listen(port, '127.0.0.1'))
    }
    const demo = openDemo([], { PATH: '/nowhere' })
    const origin = await demo.origin()
    expect(demo.output).toMatch(/Port 3000 is taken, so that the page is at \d+\./)
    expect((await fetch(addressOf(origin))).status).toBe(200)
  }, 60_000)

  it.each([
    ['while it starts', async () => new Promise((resolve) => setTimeout(resolve, 700))],
    ['while its Redis starts', async (demo) => demo.redis()],
    ['once it serves', async (demo) => demo.origin()],
    ['while a page listens', async (demo) => fetch(`${addressOf(await demo.origin())}/live`)],
    ['while Redis is cut', async (demo) => pull(demo, 'cut-redis')],
    ['while Redis is a black hole', async (demo) => pull(demo, 'hold-redis')],
  ] as readonly [string, (demo: RunningDemo) => Promise<unknown>][])(
    'is ended by Ctrl-C %s, and leaves nothing running',
    async (_when, reach) => {
      const demo = openDemo([])
      await reach(demo)
      const left = demo.children()
      demo.interrupt()
      expect([0, null]).toContain(await demo.ended)
      await until(() => expect(left.filter(isAlive)).toEqual([]))
      const ports = [...demo.output.matchAll(/(?:localhost|127\.0\.0\.1|port)[: ](\d+)/g)]
      for (const [, port] of ports) expect(await isOpen(Number(port))).toBe(false)
    },
    60_000,
  )
})

describe('npm run demo -- --check', () => {
  it('says so where there is no browser, and fails because nothing was checked', async () => {
    const demo = openDemo(['--check'], { PATH: '/nowhere' })
    expect(await demo.ended).toBe(1)
    expect(demo.output).toContain(
      'Nothing was checked: neither chromium nor firefox-esr is on PATH.',
    )
  }, 60_000)
})

async function pull(demo: RunningDemo, lever: string): Promise<void> {
  const origin = addressOf(await demo.origin())
  const answer = await send(origin, { method: 'POST', path: `/stage/${lever}`, headers: [] })
  expect(answer.status).toBe(200)
}

function isAlive(line: string): boolean {
  try {
    process.kill(Number.parseInt(line, 10), 0)
    return true
  } catch {
    return false
  }
}
