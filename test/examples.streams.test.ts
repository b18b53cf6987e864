import { afterEach, describe, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { freePort } from '../lib/testing/free-port.js'
import { compiled } from '../tools/typescript-process.js'
import { until } from '../tools/until.js'

let child: ChildProcess | undefined

afterEach(async () => {
  if (child?.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
})

interface Running {
  readonly url: string
  readonly tokens: ReadonlyMap<string, string>
}

async function start(name: string): Promise<Running> {
  const port = await freePort()
  child = spawn(process.execPath, [compiled(`examples/${name}`)], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text))
  const url = `127.0.0.1:${port}`
  await until(() => fetch(`http://${url}/logout`))
  const printed = [...output.matchAll(/^([A-Z]+)=(\S+)\n/gm)]
  return { url, tokens: new Map(printed.map(([, key = '', value = '']) => [key, value])) }
}

async function logOut({ url }: Running, token: string): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` }
  const { status } = await fetch(`http://${url}/logout`, { method: 'POST', headers })
  expect(status).toBe(204)
}

describe('examples of streams', () => {
  it('say "logout" in the events of the session that was logged out, and end them', async () => {
    const example = await start('19-server-sent-events.ts')
    const [laptop, phone] = [example.tokens.get('LAPTOP')!, example.tokens.get('PHONE')!]
    const read = (token: string): Promise<Response> =>
      fetch(`http://${example.url}/events`, { headers: { Authorization: `Bearer ${token}` } })
    const [events, others] = [await read(laptop), await read(phone)]
    await logOut(example, laptop)
    expect(await events.text()).toMatch(/^data: hello alice\n\n[^]*event: logout\ndata:\n\n$/)
    const stillOpen = others.body!.getReader()
    expect((await stillOpen.read()).done).toBe(false)
    expect((await stillOpen.read()).done).toBe(false)
    await stillOpen.cancel()
  })

  it('close the socket of the session that was logged out, and open none for it', async () => {
    const example = await start('20-websockets.ts')
    const token = example.tokens.get('TOKEN')!
    const connect = (): WebSocket => {
      const headers = { Authorization: `Bearer ${token}` }
      return new WebSocket(`ws://${example.url}`, { headers }).on('error', () => undefined)
    }
    const socket = connect()
    const [greeting] = (await once(socket, 'message')) as [Buffer]
    expect(greeting.toString()).toBe('hello alice')
    const closed = once(socket, 'close')
    await logOut(example, token)
    const [code, why] = (await closed) as [number, Buffer]
    expect([code, why.toString()]).toEqual([4401, 'log in again'])
    const [, answer] = (await once(connect(), 'unexpected-response')) as [unknown, IncomingMessage]
    expect(answer.statusCode).toBe(401)
  })
})
