import type { Request, RequestHandler, Response } from 'express'

/** A handler whose rejection goes to the error handler, under Express 4 too. */
export function asynchronous(
  handler: (req: Request, res: Response) => Promise<void>,
): RequestHandler {
  return (req, res, next) => void handler(req, res).then(undefined, next)
}
