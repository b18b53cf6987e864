import type { Action, ActionGroup } from './actions.js'
import { codeOf } from './code.js'

/** The buttons as HTML, each with its code; the page's scripts only bring them to life. */
export function actionList(groups: readonly ActionGroup[]): string {
  return groups.map(groupHtml).join('\n')
}

function groupHtml({ title, actions }: ActionGroup): string {
  const id = title.toLowerCase().replaceAll(' ', '-')
  return `<section class="group" aria-labelledby="${id}">
<h3 id="${id}">${title}</h3>
<ul>${actions.map(actionHtml).join('\n')}</ul>
</section>`
}

function actionHtml({ id, label, hint, does, method, path, thenCall, code }: Action): string {
  const data = {
    id,
    does,
    method,
    path,
    after: thenCall === true ? 'call' : undefined,
    code: codeOf(...code),
  }
  const attributes = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `data-${name}="${escape(String(value))}"`)
  return `<li><button type="button" ${attributes.join(' ')}>
<span class="label">${escape(label)}</span> <span class="hint">${escape(hint)}</span></button></li>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
