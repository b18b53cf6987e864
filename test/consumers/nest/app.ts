import 'reflect-metadata'
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common'
import type { CanActivate, ExecutionContext, MiddlewareConsumer, NestModule } from '@nestjs/common'
import type { Request } from 'express'
import { authOf, requireBearer, requireScope, type Middleware } from 'express-resource-server'

const bearer = requireBearer({
  issuer: process.env['ISSUER'] ?? 'https://id.example.com',
  audience: process.env['AUDIENCE'] ?? 'https://api.example.com',
})

/** A guard of Nest around one of ours: where ours refuses, it has answered. */
function guard(middleware: Middleware): CanActivate {
  return {
    canActivate(context: ExecutionContext): Promise<boolean> {
      const http = context.switchToHttp()
      const res = http.getResponse()
      return new Promise((resolve, reject) => {
        res.once('close', () => resolve(false))
        middleware(http.getRequest(), res, (error?: unknown) => {
          if (error === undefined) resolve(true)
          else reject(error)
        })
      })
    },
  }
}

@Controller('api/notes')
class NotesController {
  @Get()
  @UseGuards(guard(requireScope('notes:read')))
  list(@Req() req: Request): object {
    return { owner: authOf(req).subject, notes: [] }
  }
}

@Module({ controllers: [NotesController] })
export class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(bearer).forRoutes(NotesController)
  }
}
