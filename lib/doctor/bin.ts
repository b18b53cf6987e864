#!/usr/bin/env node
import { messageOf } from '../core/values.js'
import { run } from './command.js'

try {
  process.exitCode = await run(process.argv.slice(2), process)
} catch (error) {
  process.stderr.write(`doctor failed by itself: ${messageOf(error)}\n`)
  process.exitCode = 1
}
process.stdin.destroy()
