import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

export const SERVER_CORE = '0'
const CLIENT_CORE = '1'

/** Whether processes can be kept on cores of their own; without it, results are noisier. */
export const CAN_PIN = availableParallelism() > 1 && hasTaskset()

export function startServer(node, context, nodeOptions = []) {
  return start(node, nodeOptions, 'server.js', SERVER_CORE, context)
}

export function startClient() {
  return startWorker('client.js', { core: CLIENT_CORE })
}

/** A process that carries out orders. Without a core of its own, it runs where this one may. */
export async function startWorker(script, { core, nodeOptions = [] } = {}) {
  const worker = await start(process.execPath, nodeOptions, script, core)
  return {
    ...worker,
    /** Resolves to the result of a task, or rejects with what went wrong in it. */
    async order(task) {
      const { result, failed } = await worker.ask(task)
      if (failed !== undefined) throw new Error(failed)
      return result
    },
  }
}

/** Puts this process, and what it starts from now on, on the client's core. */
export function moveToClientCore() {
  const args = ['--all-tasks', '--cpu-list', '--pid', CLIENT_CORE, String(process.pid)]
  if (CAN_PIN) execFileSync('taskset', args, { stdio: 'ignore' })
}

/** Resolves to what the process says first. */
async function start(node, nodeOptions, script, core, message) {
  const pin = CAN_PIN && core !== undefined ? ['taskset', '-c', core] : []
  const path = fileURLToPath(new URL(script, import.meta.url))
  const [command, ...args] = [...pin, node, ...nodeOptions, path]
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const end = ended(child, script)
  // Nobody may be asking when it is stopped.
  end.catch(() => {})
  const ask = async (question) => {
    if (question !== undefined) child.send(question)
    const [answer] = await Promise.race([once(child, 'message'), end])
    return answer
  }
  return {
    ready: await ask(message),
    ask,
    stop: () => void child.kill(),
  }
}

async function ended(child, script) {
  const [code, signal] = await once(child, 'exit')
  throw new Error(`bench/${script} ended before its time (${signal ?? code})`)
}

function hasTaskset() {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
