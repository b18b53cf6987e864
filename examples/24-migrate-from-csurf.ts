// Coming from csurf: take the hidden fields and the token cookie out, and put one line in.
//
//   before                                             after
//   ------                                             -----
//   app.use(cookieParser())                            app.use(csrfGuard({ origin }))
//   app.use(csurf({ cookie: true }))
//   res.render('form', { csrfToken: req.csrfToken() }) res.render('form')
//   <input type="hidden" name="_csrf" value="...">     nothing
//   err.code === 'EBADCSRFTOKEN'                       event.code === 'csrf_cross_site', ...
//
// Browsers say where a request comes from; the guard believes them and no cookie. To see first what
// it would refuse, mount it with `reportOnly: true` beside csurf and read the events.
//
//   npx tsx examples/24-migrate-from-csurf.ts
//
//   curl -i 127.0.0.1:3000/transfer -d "amount=1" -H "Cookie: sid=1" -H "Sec-Fetch-Site: same-origin"  # 200, your own page
//   curl -i 127.0.0.1:3000/transfer -d "amount=1" -H "Cookie: sid=1" -H "Sec-Fetch-Site: cross-site"   # 403, another site
//   curl -i 127.0.0.1:3000/transfer -d "amount=1" -H "Cookie: sid=1" -H "Origin: https://evil.example" # 403, an old browser
//   curl -i 127.0.0.1:3000/transfer -d "amount=1" -H "Cookie: sid=1" -H "X-CSRF: 1"                    # 200, your scripts with cookies
//   curl -i 127.0.0.1:3000/hooks/payment -d "paid=1" -H "Sec-Fetch-Site: cross-site"                   # 200, exempt
//
// Apps that must keep tokens in forms take `mode: 'token'`: see 11-classic-forms.ts.
import express from 'express'
import { csrfGuard } from '../lib/index.js'

const app = express()

app.use(
  csrfGuard({
    origin: process.env['ORIGIN'] ?? 'http://localhost:3000',
    // Exact paths; csurf's ignoreMethods is gone: GET, HEAD and OPTIONS pass, and nothing else.
    exempt: ['/hooks/payment'],
    onEvent: (event) => console.log(JSON.stringify(event)),
  }),
)

app.post('/transfer', (_req, res) => void res.send('Done'))
app.post('/hooks/payment', (_req, res) => void res.send('Thanks'))

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
