import { expect } from '@jest/globals'
import type { Redis } from 'ioredis'
import { until } from '../../tools/until.js'

/** Every command that Redis runs for its clients while `action` runs, with its arguments, by MONITOR. */
export async function commandsDuring(
  operator: Redis,
  action: () => Promise<unknown>,
): Promise<readonly (readonly string[])[]> {
  const seen: string[][] = []
  const monitor = await operator.monitor()
  monitor.on('monitor', (_time: string, args: string[], source: string) => {
    if (source !== 'lua') seen.push(args)
  })
  await action()
  await operator.echo('done')
  await until(() => expect(seen).toContainEqual(['echo', 'done']))
  monitor.disconnect()
  return seen.filter(([command]) => command !== 'echo')
}

export function mgetsIn(commands: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return commands.filter(([command]) => command?.toLowerCase() === 'mget')
}
