import { tokenForJob, tokenForUser } from './login.js'
import type { Printer } from './printer.js'
import type { Stage } from './stage.js'

/** Lines to paste into a shell, with tokens that are good for an hour. */
export async function printPlayground(printer: Printer, { api, provider }: Stage): Promise<void> {
  const alice = await tokenForUser(provider, 'alice', 'notes:read notes:write')
  const job = await tokenForJob(provider, { scope: 'notes:read' })
  printer.chapter('Now you. Both APIs and tokens are good until Ctrl-C')
  printer.line(`
ALICE=${alice}
JOB=${job}

curl -i ${api}/notes
curl -i ${api}/notes -H "Authorization: Bearer $JOB"
curl -i -X POST ${api}/notes -H "Authorization: Bearer $JOB"
curl -i -X POST ${api}/notes -H "Authorization: Bearer $ALICE"
curl -i -X POST ${api}/logout -H "Authorization: Bearer $ALICE"
curl -i ${api}/notes -H "Authorization: Bearer $ALICE"
`)
}
