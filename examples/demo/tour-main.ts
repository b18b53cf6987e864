import { createPrinter } from './printer.js'
import { printPlayground } from './playground.js'
import { openStage, type Stage } from './stage.js'
import { takeTour } from './steps/index.js'
import { createTour } from './tour.js'

/** Takes the tour in the terminal, and serves on where nobody only checks. */
export async function showTour(check: boolean): Promise<void> {
  const printer = createPrinter(process.stdout)
  const tour = createTour(printer)

  let stage: Stage | undefined
  let ending: Promise<void> | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      ending = Promise.resolve(stage?.close()).finally(() => process.exit(0))
    })
  }
  // The memory store warns that a restart forgets: that belongs among the steps, not across them.
  process.removeAllListeners('warning')
  process.on('warning', ({ message }) => printer.note(message))

  stage = await openStage(check ? 0 : 3000, tour.onEvent)
  printer.line('express-resource-server against a real OpenID provider')
  printer.line(`  issuer    ${stage.provider.issuer}  oidc-provider`)
  printer.line(`  API       ${stage.api}  Express`)
  printer.line(`  denylist  ${stage.redis?.description ?? 'in memory'}`)
  try {
    await takeTour(tour, stage)
  } catch (error) {
    // Ctrl-C in the middle of a step closes the API under it.
    await ending
    throw error
  }

  printer.line()
  if (tour.failures === 0) printer.line(`All ${tour.steps} answers were as told.`)
  else printer.line(`${tour.failures} of ${tour.steps} answers were not as told.`)

  if (check) {
    await stage.close()
    process.exitCode = tour.failures === 0 ? 0 : 1
  } else {
    await printPlayground(printer, stage)
  }
}
