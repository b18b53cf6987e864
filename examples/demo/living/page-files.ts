import { readFileSync } from 'node:fs'
import { Router, type Response } from 'express'
import { securityHeaders } from '../../../lib/index.js'
import { actionList } from './action-list.js'
import { actionGroups } from './actions.js'
import type { LivingStage } from './stage.js'

const FOLDER = new URL('../page/', import.meta.url)
const SCRIPTS = ['main.js', 'steps.js', 'token-card.js', 'timeline.js', 'answer.js', 'actions.js']

/** The page itself, by our own preset for pages: every script and style carries the nonce. */
export function pageFiles({ origin, provider, redisDescription, attackers }: LivingStage): Router {
  const files = Router()
  // #region page
  const headers = securityHeaders({
    preset: 'web',
    contentSecurityPolicy: { 'frame-src': [attackers.evil, attackers.sibling] },
  })
  // #endregion
  const words: Readonly<Record<string, string>> = {
    origin,
    issuer: provider.issuer,
    redis: redisDescription,
    actions: actionList(actionGroups(provider.issuer, origin, attackers)),
  }
  files.get('/', headers, (_req, res) => {
    const nonce = (res.locals as { cspNonce: string }).cspNonce
    const page = read('index.html').replaceAll(/\{(\w+)\}/g, (all, name: string) =>
      name === 'nonce' ? nonce : (words[name] ?? all),
    )
    res.type('html').set('Cache-Control', 'no-store').send(page)
  })
  files.get('/page.css', headers, (_req, res) => send(res, 'page.css', 'css'))
  for (const name of SCRIPTS) files.get(`/${name}`, headers, (_req, res) => send(res, name, 'js'))
  return files
}

function send(res: Response, name: string, type: string): void {
  res.type(type).set('Cache-Control', 'no-store').send(read(name))
}

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}
