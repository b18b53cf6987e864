const ADVICE = /oidc-provider (?:NOTICE|WARNING): /

/**
 * Drops what `oidc-provider` prints from its import on to advise production deployments. Its errors
 * are thrown or emitted, and are not touched.
 */
export function hushAdvice(): void {
  for (const method of ['info', 'warn'] as const) {
    const print = console[method].bind(console)
    console[method] = (...values: unknown[]) => {
      if (typeof values[0] !== 'string' || !ADVICE.test(values[0])) print(...values)
    }
  }
}
