import { connect } from 'node:net'
import { freePort } from '../../../lib/testing/free-port.js'
import { serve, type RunningServer } from '../http.js'
import type { RequestListener } from 'node:http'

/** Serves at a port of `localhost`, or at a free one where anybody is at that: also by IPv6, which browsers try first. */
export async function listen(listener: RequestListener, wanted: number): Promise<RunningServer> {
  return serve(listener, await portOr(wanted))
}

/** The port, or a free one where it is taken. */
export async function portOr(wanted: number): Promise<number> {
  if (wanted === 0) return freePort()
  const taken = await Promise.all([answers(wanted, '127.0.0.1'), answers(wanted, '::1')])
  return taken.includes(true) ? freePort() : wanted
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
