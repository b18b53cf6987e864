import type { Auth } from './core/auth/auth.js'

/**
 * Opt-in typing of `req.auth`, by `import 'express-resource-server/augment'`. It is not on by default
 * because another package in the same program may give `req.auth` another type, which TypeScript
 * refuses; `authOf(req)` needs no augmentation.
 */
declare global {
  namespace Express {
    interface Request {
      readonly auth?: Auth
    }
  }
}
