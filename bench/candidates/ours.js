import { channel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import express from 'express'
import { Registry } from 'prom-client'
import { answer } from './bare.js'
import { LeftOut } from './left-out.js'

/** Of which checkout the build is measured: `./ours.js?checkout=DIRECTORY`, or else of this one. */
const { searchParams } = new URL(import.meta.url)
const checkout = searchParams.has('checkout')
  ? pathToFileURL(`${searchParams.get('checkout')}/`)
  : new URL('../../', import.meta.url)
const { exports: entries } = JSON.parse(readFileSync(new URL('package.json', checkout), 'utf8'))
const { EVENT_CHANNEL, jtiBlocklist, requireBearer, requireScope, securityHeaders } =
  await load('.')
const { redisRevocationStore } = await load('./redis')
const { prometheusMetrics } = await load('./metrics')

/** The names of an entry of the package; none where this build has no such entry. */
async function load(entry) {
  const conditions = entries[entry]
  if (conditions === undefined) return {}
  return import(new URL((conditions.import ?? conditions).default, checkout).href)
}

const stores = new Map()

/** Longer than the defaults, so that a busy machine is slow and not an outage. */
const PATIENCE = { deadlineMs: 5000, stalenessBoundMs: 20_000 }

/** One store a mode, as an app has it. `onEmpty`: this Redis was started a moment ago. */
async function storeOf(mode, redisUrl) {
  if (!stores.has(mode)) stores.set(mode, openStore(mode, redisUrl))
  return stores.get(mode)
}

async function openStore(mode, redisUrl) {
  const options = { redis: redisUrl, name: mode, onEmpty: 'initialize', ...PATIENCE }
  if (mode === 'strict') return readyStore(options)
  try {
    return await readyStore({ ...options, mode })
  } catch (error) {
    if (!/unknown option "mode"/.test(error.message)) throw error
    throw new LeftOut(`this build has no ${mode} mode`)
  }
}

async function readyStore(options) {
  const store = redisRevocationStore(options)
  await store.ready()
  await revokeStrangers(store)
  return store
}

/** A strict check asks for what was ever revoked: tokens, sessions and users, as by the log-out helpers. */
async function revokeStrangers(store) {
  const issuer = 'https://strangers.example.com'
  await store.revokeToken({ issuer, tokenId: 'stranger', expiresAt: Date.now() / 1000 + 3600 })
  await store.revokeSession({ issuer, sessionId: 'stranger' })
  await store.revokeSubject({ issuer, subject: 'stranger' })
}

async function bearer({ issuer, audience, verifiedTokens = {}, onEvent }) {
  const guard = requireBearer({ issuer, audience, verifiedTokens, onEvent })
  await guard.ready()
  return guard
}

export async function bearerOnly(context) {
  const app = express()
  app.use(await bearer(context))
  app.get('/notes', answer)
  return app
}

/**
 * With figures for Prometheus. What hears the channel would hear all candidates of this process, and
 * make them pay; so it is taken from there, and given to this guard alone.
 */
export async function bearerAndMetrics(context) {
  if (prometheusMetrics === undefined) throw new LeftOut('this build has no metrics')
  const events = channel(EVENT_CHANNEL)
  const subscribers = () => Reflect.get(events, '_subscribers') ?? []
  const others = new Set(subscribers())
  prometheusMetrics(new Registry())
  const heard = subscribers().find((subscriber) => !others.has(subscriber))
  events.unsubscribe(heard)
  const app = express()
  app.use(await bearer({ ...context, onEvent: (event) => heard(event) }))
  app.get('/notes', answer)
  return app
}

export async function bearerAndScope(context) {
  const app = express()
  app.use(await bearer(context))
  app.get('/notes', requireScope('notes:read'), answer)
  return app
}

export async function withDenylist(context, mode) {
  const store = await storeOf(mode, context.redisUrl)
  const app = express()
  app.use(await bearer(context))
  app.use(jtiBlocklist(store))
  app.get('/notes', requireScope('notes:read'), answer)
  return app
}

export async function fullSuite(context, mode) {
  const store = await storeOf(mode, context.redisUrl)
  const app = express()
  app.use(securityHeaders())
  app.use(await bearer(context))
  app.use(jtiBlocklist(store))
  app.get('/notes', requireScope('notes:read'), answer)
  return app
}
