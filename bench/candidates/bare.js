import express from 'express'

const BODY = { ok: true }

/** The handler behind every Express candidate. */
export function answer(_req, res) {
  res.json(BODY)
}

export function bareHttp() {
  const body = JSON.stringify(BODY)
  return (_req, res) => {
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    res.setHeader('Content-Length', body.length)
    res.end(body)
  }
}

/** What every ratio is measured against. */
export function bareExpress() {
  const app = express()
  app.get('/notes', answer)
  return app
}

/**
 * Bare Express with one hop that passes all requests of a tick on together. The hop alone makes
 * Express cheaper (fewer turns of the loop, warmer caches), so a design that batches must be
 * compared with this and not with bare Express.
 */
export function batchedExpress() {
  let waiting = []
  function flush() {
    const batch = waiting
    waiting = []
    for (const next of batch) next()
  }
  const app = express()
  app.use((_req, _res, next) => {
    waiting.push(next)
    if (waiting.length === 1) setImmediate(flush)
  })
  app.get('/notes', answer)
  return app
}
