// Forms without scripts. By itself csrfGuard() needs no token in them; the mode `token` is for those
// whose auditors or very old browsers want one. The login form has one too, before there is a session.
//
//   npx tsx examples/11-classic-forms.ts
//
// Then open http://localhost:3000/login in a browser and log in, or try what it must refuse:
//
//   curl -i 127.0.0.1:3000/login                                                                     # 200, with a token in the form
//   curl -i 127.0.0.1:3000/login -d "user=alice"                                                     # 200, no browser, nothing to abuse
//   curl -i 127.0.0.1:3000/login -d "user=alice" -H "Sec-Fetch-Site: same-origin"                    # 403, csrf_token_missing
//   curl -i 127.0.0.1:3000/login -d "user=alice&_csrf=v1.a.b" -H "Sec-Fetch-Site: same-origin"       # 403, csrf_token_invalid
//   curl -i 127.0.0.1:3000/login -d "user=alice" -H "Sec-Fetch-Site: cross-site"                     # 403, csrf_cross_site
import { randomBytes } from 'node:crypto'
import express, { type Response } from 'express'
import { csrfGuard, securityHeaders } from '../lib/index.js'

const app = express()

app.use(securityHeaders({ preset: 'web' }))
app.use(express.urlencoded({ extended: false }))

// From your secret store, newest first, and the same in every process.
const secrets = [randomBytes(32)]
app.use(csrfGuard({ mode: 'token', token: { secrets } }))

app.get('/login', (_req, res) => {
  res.send(`<!doctype html><title>Log in</title>
    <form method="post">
      <input type="hidden" name="_csrf" value="${tokenFor(res)}">
      <input name="user" autofocus> <button>Log in</button>
    </form>`)
})

app.post('/login', (_req, res) => void res.send('Logged in'))

/** Made when it is asked for, so that pages without forms stay cacheable. */
function tokenFor(res: Response): string {
  return (res.locals['csrfToken'] as () => string)()
}

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
