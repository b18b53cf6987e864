import { createPrinter } from '../printer.js'
import { openLivingDemo } from './stage.js'

const PORTS = { page: 3000, issuer: 4000, evil: 5000, sibling: 5001 }

/** Serves the page until Ctrl-C, which may come while it still starts. */
export async function showPage(): Promise<void> {
  const printer = createPrinter(process.stdout)
  // The memory store warns that a restart forgets; the line on the denylist says so.
  process.removeAllListeners('warning')
  const opening = openLivingDemo(PORTS)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      const closing = opening.then(
        (demo) => demo.close(),
        () => undefined,
      )
      // A part that hangs must not hold the others: all of them end with this process.
      setTimeout(() => process.exit(0), 5000).unref()
      void closing.finally(() => process.exit(0))
    })
  }

  const { origin, provider, redisDescription } = await opening
  printer.line('express-resource-server against a real OpenID provider')
  printer.line(`  issuer    ${provider.issuer}  oidc-provider`)
  printer.line(`  denylist  ${redisDescription}`)
  const { port } = new URL(origin)
  if (port !== String(PORTS.page))
    printer.line(`  Port ${PORTS.page} is taken, so that the page is at ${port}.`)
  printer.line(`\n  Open      ${origin}\n`)
  printer.line('Ctrl-C ends all of it. The tour in the terminal: npm run demo -- --tour')
}
