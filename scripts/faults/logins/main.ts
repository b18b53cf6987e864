import { messageOf } from '../../../lib/core/values.js'
import { loginComplaints, loginTable, type LoginResult } from './report.js'
import { LOGIN_SCENARIOS } from './rows.js'
import { runLoginScenario, type LoginScenario } from './run.js'

/** Most of a fault is waiting. */
const AT_A_TIME = 2

/** Plays faults on logins, prints their table, and tells how many there were and what is not as promised. */
export async function playLogins(
  only: string,
): Promise<{ readonly played: number; readonly complaints: readonly string[] }> {
  const scenarios = LOGIN_SCENARIOS.filter(({ fault }) => fault.name.includes(only))
  const results: LoginResult[] = []
  const waiting = scenarios.entries()
  async function playOn(): Promise<void> {
    for (const [index, scenario] of waiting) {
      const result = await play(scenario)
      results[index] = result
      const trouble = loginComplaints(result).length === 0 ? '' : ', NOT as promised'
      process.stderr.write(`logins: ${scenario.fault.name}${trouble}\n`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, playOn))
  if (results.length > 0) process.stdout.write(`\n${loginTable(results)}\n`)
  return { played: results.length, complaints: results.flatMap(loginComplaints) }
}

async function play(scenario: LoginScenario): Promise<LoginResult> {
  // A port that was free may be taken by the time a server wants it.
  const again = (): ReturnType<typeof runLoginScenario> => runLoginScenario(scenario)
  try {
    return { scenario, outcomes: await again().catch(again) }
  } catch (error) {
    return { scenario, failed: messageOf(error) }
  }
}
