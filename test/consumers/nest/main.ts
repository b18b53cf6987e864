import 'reflect-metadata'
import {
  Controller,
  Get,
  Module,
  Req,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import request = require('supertest')
import type { Request } from 'express'
import { authOf, requireBearer, requireScope } from 'express-resource-server'
import { createTestIssuer } from 'express-resource-server/testing'

const issuer = createTestIssuer()
const readNotes = requireScope('notes:read')

/** A guard of Nest around one of ours: where ours refuses, it has answered. */
class ReadNotes implements CanActivate {
  canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp()
    const res = http.getResponse()
    return new Promise((resolve, reject) => {
      res.once('close', () => resolve(false))
      readNotes(http.getRequest(), res, (error?: unknown) => {
        if (error === undefined) resolve(true)
        else reject(error)
      })
    })
  }
}

@Controller('notes')
class NotesController {
  @Get()
  @UseGuards(new ReadNotes())
  list(@Req() req: Request): string {
    return String(authOf(req).subject)
  }
}

@Module({ controllers: [NotesController] })
class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(requireBearer(issuer.options)).forRoutes(NotesController)
  }
}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false })
  await app.init()
  const server = app.getHttpServer()
  await request(server).get('/notes').expect(401)
  await issuer.authed(request(server).get('/notes')).expect(403)
  await issuer.authed(request(server).get('/notes'), { scope: 'notes:read' }).expect(200, 'user-1')
  await app.close()
}

void main()
