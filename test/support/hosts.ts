import fastifyExpress from '@fastify/express'
import { All, Controller, HttpCode } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import type { Middleware } from '../../lib/index.js'
import { serve, type RunningServer } from '../../tools/server.js'

/** Serves `GET /notes` and `POST /notes`, both answering 200, behind the same guards. */
export interface Host {
  readonly name: string
  readonly start: (guards: readonly Middleware[]) => Promise<RunningServer>
}

/** `npm run test:matrix` puts Express 4 in the place of the Express 5 that Nest needs. */
const lacksExpress5 = process.env['TEST_PACKAGES']?.includes('express4') === true

export const HOSTS: readonly Host[] = [
  { name: 'Express 5', start: (guards) => startExpress(express5(), guards) },
  { name: 'Express 4', start: (guards) => startExpress((express4 as typeof express5)(), guards) },
  { name: 'connect', start: startConnect },
  ...(lacksExpress5 ? [] : [{ name: 'Nest', start: startNest }]),
  { name: 'Fastify', start: startFastify },
]

async function startExpress(
  app: express5.Express,
  guards: readonly Middleware[],
): Promise<RunningServer> {
  app.use(...guards)
  app.all('/notes', (_req, res) => void res.json({ done: true }))
  return serve(app)
}

async function startConnect(guards: readonly Middleware[]): Promise<RunningServer> {
  const app = connect()
  for (const guard of guards) app.use(guard)
  app.use('/notes', (_req, res) => res.end('{"done":true}'))
  return serve(app)
}

async function startNest(guards: readonly Middleware[]): Promise<RunningServer> {
  class NotesController {
    readonly done = true
    answer(): object {
      return { done: this.done }
    }
  }
  // Decorators are functions: called by hand, they need no compiler option.
  const { prototype } = NotesController
  const answer = Object.getOwnPropertyDescriptor(prototype, 'answer')!
  All()(prototype, 'answer', answer)
  HttpCode(200)(prototype, 'answer', answer)
  Controller('notes')(NotesController)

  const app = await NestFactory.create(
    { module: Object, controllers: [NotesController] },
    new ExpressAdapter(),
    { logger: false },
  )
  app.use(...guards)
  await app.listen(0, '127.0.0.1')
  const url = await app.getUrl()
  return { url, port: Number(new URL(url).port), close: () => app.close() }
}

async function startFastify(guards: readonly Middleware[]): Promise<RunningServer> {
  const app = fastify()
  await app.register(fastifyExpress)
  for (const guard of guards) app.use(guard)
  app.get('/notes', () => ({ done: true }))
  app.post('/notes', () => ({ done: true }))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, port: Number(new URL(url).port), close: () => app.close() }
}
