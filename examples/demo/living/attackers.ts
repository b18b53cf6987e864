import express, { type Express } from 'express'

/** Where somebody else's pages are: another site, and another port of ours, which is the same site. */
export interface Attackers {
  readonly evil: string
  readonly sibling: string
}

/** Pages of somebody else. They have no guards: what they try must fail at ours. */
export function attackerPages(victim: string): Express {
  const app = express()
  const target = `${victim}/api/notes`

  app.get('/forge', (_req, res) => {
    res
      .type('html')
      .send(pageThatPosts(target, 'I post to the notes, with whatever cookies you have.'))
  })
  app.get('/redirected', (_req, res) => {
    res
      .type('html')
      .send(pageThatPosts('/bounce', 'I post to myself, and answer 307: go to the notes.'))
  })
  app.post('/bounce', (_req, res) => res.redirect(307, target))
  app.get('/toss', (_req, res) => {
    res.set('Set-Cookie', TOSSED)
    const names = TOSSED.map((line) => `<li><code>${line}</code></li>`).join('')
    res
      .type('html')
      .send(page(`<p>I plant cookies of the name that holds your token:</p><ul>${names}</ul>`))
  })
  return app
}

/**
 * A longer path would put the first in front of the user's own; browsers refuse it, because of its
 * prefix. The second only looks prefixed: some browsers keep it, and the reader knows better.
 */
const TOSSED: readonly string[] & string[] = [
  '__Host-Http-access_token=EVIL; Path=/api; Secure; HttpOnly; Max-Age=20',
  '\u00C2\u00A0__Host-Http-access_token=EVIL; Path=/api; Secure; Max-Age=20',
]

function pageThatPosts(target: string, words: string): string {
  const init = "{ method: 'POST', mode: 'no-cors', credentials: 'include', body: 'pay=all' }"
  return page(`<p>${words}</p><pre>fetch('${target}',\n  ${init})</pre>
<p id="result">Sending …</p>
<script>
fetch('${target}', ${init})
  .then(() => 'Sent. The browser does not let me read what was answered.')
  .catch(() => 'Sent, or not: the browser tells me nothing.')
  .then((text) => { document.getElementById('result').textContent = text })
</script>`)
}

function page(body: string): string {
  return `<!doctype html><html lang="en"><meta charset="latin1"><title>Not yours</title>
<meta name="color-scheme" content="light dark">
<style>body{font:14px/1.5 system-ui,sans-serif;margin:14px}pre,code{font-size:12px;white-space:pre-wrap}p{margin:0 0 8px}</style>
${body}</html>`
}
