#!/usr/bin/env node
import { messageOf } from '../core/values.js'
import { printable } from '../core/events/printable.js'
import { run } from './command.js'

/** A server may have had a part in the message. */
const MAX_CHARS = 1000

// Deadlines and connections of the package keep no process alive, as is right within an app.
const alive = setInterval(() => undefined, 60_000)
try {
  process.exitCode = await run(process.argv.slice(2), process)
} catch (error) {
  process.stderr.write(`doctor failed by itself: ${printable(messageOf(error), MAX_CHARS)}\n`)
  process.exitCode = 1
}
clearInterval(alive)
process.stdin.destroy()
// An app of --config may listen, or hold connections of its own.
setTimeout(() => process.exit(), 500).unref()
