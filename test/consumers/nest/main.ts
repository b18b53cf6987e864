import { NestFactory } from '@nestjs/core'
import request = require('supertest')
import { createTestIssuer } from 'express-resource-server/testing'

async function main(): Promise<void> {
  const issuer = createTestIssuer()
  await issuer.listen()
  process.env['ISSUER'] = issuer.issuer
  process.env['AUDIENCE'] = issuer.audience
  const { AppModule } = await import('./app.js')
  const app = await NestFactory.create(AppModule, { logger: false })
  await app.init()
  const server = app.getHttpServer()
  const notes = () => request(server).get('/api/notes')
  await notes().expect(401)
  await issuer.authed(notes()).expect(403)
  const owner = { owner: 'user-1', notes: [] }
  await issuer.authed(notes(), { scope: 'notes:read' }).expect(200, owner)
  await app.close()
}

void main().then(() => process.exit())
