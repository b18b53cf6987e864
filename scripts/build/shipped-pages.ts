// Pages in the package link only to what is in the package. npm takes README.md from the root alone, so
// `tsx scripts/build/shipped-pages.ts` changes the pages before npm packs them, and `--restore` changes
// them back. A page that somebody has written to in between is left as it is.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const PAGES = ['README.md', 'SECURITY.md', 'docs/reasons.md']
const NOTE = 'Pages that are named here without a link are in the repository.'

const root = join(import.meta.dirname, '../..')
const originals = join(root, 'coverage/pages')

for (const page of PAGES) restore(page)
if (!process.argv.includes('--restore')) for (const page of PAGES) ship(page)

function ship(page: string): void {
  const original = readFileSync(join(root, page), 'utf8')
  mkdirSync(dirname(join(originals, page)), { recursive: true })
  writeFileSync(join(originals, page), original)
  writeFileSync(join(root, page), shipped(page, original))
}

function restore(page: string): void {
  const saved = join(originals, page)
  if (!existsSync(saved)) return
  const original = readFileSync(saved, 'utf8')
  if (readFileSync(join(root, page), 'utf8') === shipped(page, original))
    writeFileSync(join(root, page), original)
  rmSync(saved)
}

function shipped(page: string, text: string): string {
  const isShipped = (target: string): boolean => {
    if (/^(?:https?:|#)/.test(target)) return true
    const [path = ''] = target.split('#')
    return PAGES.includes(normalize(join(dirname(page), path)))
  }
  const linked = text
    .replaceAll(/^!\[[^\]]*\]\(([^)]+)\)\n\n/gm, (image, target: string) =>
      isShipped(target) ? image : '',
    )
    .replaceAll(/\[([^\]]*)\]\(([^)]+)\)/g, (link, label: string, target: string) =>
      isShipped(target) ? link : named(label, target),
    )
  return linked === text ? text : linked.replace('\n\n', `\n\n${NOTE}\n\n`)
}

function named(label: string, target: string): string {
  return [target, 'more'].includes(label) ? target : `${label} (${target})`
}
