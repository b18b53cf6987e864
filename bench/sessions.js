// `npm run bench:sessions` (under a minute, after a build): a request of a logged-in user behind
// tokenHandler, express-openid-connect, and express-session with connect-redis. A real issuer, a real login
// and a real Redis; CPU of the server process alone, in turns, so that the machine is the same for all.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { openLoginBrowser } from '../tools/login-browser.ts'
import { AUDIENCE, CLIENT, OTHER_CLIENT, startLoginProvider } from '../tools/login-provider.ts'
import { startRedis } from '../tools/redis-server.ts'
import { quantile } from './quantile.js'

const TURNS = 30
const PER_TURN = 200
const AT_ONCE = 10

const TITLES = {
  bare: 'bare Express, no session',
  replicated: 'tokenHandler, denylist replicated',
  strict: 'tokenHandler, denylist strict',
  'connect-redis': 'express-session with connect-redis',
  'openid-connect': 'express-openid-connect',
}

const redis = await startRedis()
const server = fork(new URL('sessions-server.js', import.meta.url), { execArgv: [] })
const [{ origins }] = await once(server, 'message')

async function ask(order) {
  server.send(order)
  const [answer] = await once(server, 'message')
  return answer
}

const issuer = await startLoginProvider({
  redirectUri: `${origins.strict}/auth/callback`,
  other: origins['openid-connect'],
})
const build = { issuer: issuer.url, audience: AUDIENCE, client: CLIENT, other: OTHER_CLIENT }
const { node } = await ask({ build: { ...build, redisUrl: redis.url } })

async function cookieFrom(name) {
  const browser = openLoginBrowser()
  const { text } = await browser.follow(`${origins[name]}/auth/login`, 'alice')
  if (text !== 'home') throw new Error(`${name}: no login: ${text}`)
  return [...browser.cookies(origins[name])].map((pair) => pair.join('=')).join('; ')
}

const cookies = {
  bare: 'none=1',
  strict: await cookieFrom('strict'),
  'connect-redis': await cookieFrom('connect-redis'),
  'openid-connect': await cookieFrom('openid-connect'),
}
cookies.replicated = cookies.strict

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

async function get(name) {
  const headers = { cookie: cookies[name], 'sec-fetch-site': 'same-origin' }
  const asking = request(`${origins[name]}/notes`, { agent, headers }).end()
  const [answer] = await once(asking, 'response')
  answer.resume()
  await once(answer, 'end')
  if (answer.statusCode !== 200) throw new Error(`${name}: ${answer.statusCode}`)
}

/** Microseconds of CPU of the server, each request. */
async function turn(name) {
  const before = await ask({})
  const lane = async () => {
    for (let done = 0; done < PER_TURN / AT_ONCE; done += 1) await get(name)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return ((await ask({})).cpu - before.cpu) / PER_TURN
}

const names = Object.keys(TITLES)
const cpu = Object.fromEntries(names.map((name) => [name, []]))
// The first turns are those of the JIT.
for (let count = -5; count < TURNS; count += 1) {
  for (const name of names) {
    const micros = await turn(name)
    if (count >= 0) cpu[name].push(micros)
  }
}

const median = (values) => quantile(values, 0.5)
const against = (name, base) => median(cpu[name].map((own, at) => own / cpu[base][at]))
console.log(`Node ${node}, ${TURNS} turns of ${PER_TURN} requests; ratios are medians of turns\n`)
console.log(
  '| a request of a logged-in user | CPU us | times bare Express | times tokenHandler, strict |',
)
console.log('| --- | --: | --: | --: |')
for (const name of names) {
  const cells = [median(cpu[name]).toFixed(0), against(name, 'bare').toFixed(2), against(name, 'strict').toFixed(2)] // prettier-ignore
  console.log(`| ${[TITLES[name], ...cells].join(' | ')} |`)
}
agent.destroy()
server.kill()
await issuer.close()
await redis.stop()
process.exit(0)
