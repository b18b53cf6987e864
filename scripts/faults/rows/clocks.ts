import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ClientName } from '../protocol.js'
import type { Scenario } from '../run.js'
import { standalone } from './standalone.js'

const HOUR_SECONDS = 3600

/** Where the loader finds libfaketime; undefined where it is not installed. */
function findFaketime(): string | undefined {
  const { status, stdout } = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'])
  return status === 0 ? String(stdout).trim() : undefined
}

/** A server whose wall clock is moved, while its timers go on as before. */
function movedClock(offsetSeconds: number, limited: readonly ClientName[]): Scenario['prepare'] {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ers-clock-'))
    const file = join(folder, 'offset')
    const set = (seconds: number): void =>
      writeFileSync(file, seconds < 0 ? `${seconds}` : `+${seconds}`)
    set(0)
    const environment = {
      // libfaketime and jemalloc call each other without end, so malloc is that of the C library.
      LD_PRELOAD: `${findFaketime()}:libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
    const stage = await standalone(
      async ({ admin }, field) => {
        if (limited.length > 0) field.limit(limited)
        set(offsetSeconds)
        const [seconds = 0] = await admin.time()
        if (Math.abs(seconds - Date.now() / 1000 - offsetSeconds) > 5) {
          throw new Error('libfaketime does not move the clock of Redis')
        }
        await wait(2500)
        set(0)
      },
      { environment },
    )()
    return {
      ...stage,
      async stop() {
        await stage.stop()
        rmSync(folder, { recursive: true })
      },
    }
  }
}

const needsFaketime = (): string | undefined =>
  findFaketime() === undefined ? 'needs faketime' : undefined

export const CLOCK_SCENARIOS: readonly Scenario[] = [
  {
    name: 'clock of Redis 1 h ahead for 2.5 s',
    naive: 'hurt',
    needs: needsFaketime,
    prepare: movedClock(HOUR_SECONDS, ['strict', 'replicated']),
    limit:
      'Redis forgets entries by its own clock: those of tokens with less than the jump left to live expire before their tokens do. Replicated mode meets that only where it has to ask Redis, above all after a start.',
  },
  {
    name: 'clock of Redis 1 h behind for 2.5 s',
    // What it wrote meanwhile expires when the clock is right again.
    naive: 'hurt',
    needs: needsFaketime,
    prepare: movedClock(-HOUR_SECONDS, []),
  },
  {
    name: 'clocks of the API processes 1 h ahead, 1 h behind, right',
    naive: 'unhurt',
    prepare: standalone(async (_stage, field) => {
      for (const clockOffsetSeconds of [HOUR_SECONDS, -HOUR_SECONDS, 0]) {
        field.order({ clockOffsetSeconds })
        await wait(1500)
      }
    }),
    recoveryMs: 1000,
  },
]
