// Headers for JSON by default; for pages, a policy with a nonce for the scripts that you mean.
//
//   npx tsx examples/12-security-headers.ts
//
//   curl -i 127.0.0.1:3000/notes    # 200, default-src 'none', no-store
//   curl -i 127.0.0.1:3000/page     # 200, script-src with a nonce, fresh each time
//   curl -i 127.0.0.1:3000/missing  # 404, with the headers all the same
//
// Open http://localhost:3000/page in a browser: its console tells of the script that did not run.
import express from 'express'
import { securityHeaders } from '../lib/index.js'

const app = express()

// First of all, so that refusals and errors carry the headers too.
app.use(securityHeaders())

app.get('/notes', (_req, res) => void res.json({ notes: [] }))

const forPages = securityHeaders({
  preset: 'web',
  // Over the directives of the preset: pictures from one more host.
  contentSecurityPolicy: { 'img-src': ["'self'", 'https://images.example.com'] },
  permissionsPolicy: { camera: '(self)' },
  cacheControl: 'private, no-cache',
})

app.get('/page', forPages, (_req, res) => {
  const nonce = String(res.locals['cspNonce'])
  res.send(`<!doctype html><title>Page</title>
    <p id="mine">The script with the nonce did not run.</p>
    <script nonce="${nonce}">document.getElementById('mine').textContent = 'It ran.'</script>
    <script>document.body.textContent = 'What somebody injected ran.'</script>`)
})

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
