// One machine of a fault run: two API processes, as far as their connections go, and their users.
import { openStore } from '../store.js'
import { storeConnections, type Target } from '../protocol.js'
import { useFamilies } from './families.js'
import type { FromWorker, ToWorker } from './protocol.js'
import { useSessions } from './sessions.js'
import { Tally } from './tally.js'

const tallies = { families: new Tally(), sessions: new Tally() }

async function start(target: Target): Promise<void> {
  const open = (): ReturnType<typeof openStore> =>
    openStore('strict', target, storeConnections(target), { follows: true })
  const revocations = [open(), open()] as const
  await Promise.all(revocations.map((store) => store.ready()))
  await useFamilies(target, revocations, tallies.families)
  await useSessions(target, revocations, tallies.sessions)
  send({ ready: true })
}

process.on('message', (message: ToWorker) => {
  if ('target' in message) void start(message.target)
  else
    send({ report: { families: tallies.families.report(), sessions: tallies.sessions.report() } })
})

function send(message: FromWorker): void {
  process.send?.(message)
}
