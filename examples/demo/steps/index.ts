import { tokenForJob } from '../login.js'
import { HASTY_JOB } from '../provider.js'
import type { Stage } from '../stage.js'
import type { Tour } from '../tour.js'
import { browserSteps } from './browser.js'
import { familySteps } from './families.js'
import { mcpSteps } from './mcp.js'
import { issuerDownSteps, rotationSteps } from './keys.js'
import { kindSteps } from './kinds.js'
import { logoutSteps } from './logout.js'
import { redisDownSteps, redisEmptySteps } from './redis.js'
import { expirySteps } from './time.js'
import { sessionSteps } from './sessions.js'
import { tokenSteps } from './tokens.js'

/** The whole tour, in order. */
export async function takeTour(tour: Tour, stage: Stage): Promise<void> {
  await tokenSteps(tour, stage)
  await logoutSteps(tour, stage)
  await browserSteps(tour, stage)
  await sessionSteps(tour)
  await familySteps(tour)
  await kindSteps(tour, stage)
  await mcpSteps(tour, stage)
  await rotationSteps(tour, stage)
  const shortLived = await tokenForJob(stage.provider, { scope: 'notes:read', client: HASTY_JOB })
  await issuerDownSteps(tour, stage)
  await redisDownSteps(tour, stage)
  await expirySteps(tour, stage, shortLived)
  await redisEmptySteps(tour, stage)
}
