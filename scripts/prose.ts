// Looks at all that is to be read: pages for their reading ease, their width on GitHub and their English,
// comments and messages of lib/ for their English, and all other comments for turns of speech. `npm run prose`; `-- --table` shows the ease of each page.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { easeOf } from '../tools/docs/prose/ease.js'
import {
  faultsOfPage,
  faultsOfProse,
  faultsOfWidth,
  faultsOfWords,
} from '../tools/docs/prose/limits.js'
import { sentencesOf } from '../tools/docs/prose/markdown.js'
import { sentencesOfComments, sentencesOfSource } from '../tools/docs/prose/source.js'

const TOP = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md']
/** Figures and names of tests, as scripts print them. */
const PRINTED = ['conformance', 'hostile-issuer', 'mutation', 'performance'].map(
  (name) => `docs/${name}.md`,
)

const BESIDE_LIB = ['bench', 'examples', 'scripts', 'test', 'tools']

const pages = [...TOP, ...filesOf('docs', /\.md$/)]
const faults = [
  ...pages.map((path) => ({
    path,
    found: (PRINTED.includes(path) ? faultsOfWidth : faultsOfPage)(readFileSync(path, 'utf8')),
  })),
  ...filesOf('lib', /\.ts$/).map((path) => ({
    path,
    found: faultsOfProse(sentencesOfSource(readFileSync(path, 'utf8'))),
  })),
  ...BESIDE_LIB.flatMap((folder) => filesOf(folder, /\.[cm]?[jt]s$/)).map((path) => ({
    path,
    found: faultsOfWords(sentencesOfComments(readFileSync(path, 'utf8'))),
  })),
]
for (const { path, found } of faults) {
  for (const fault of found) console.error(`${path}: ${fault}`)
}
if (process.argv.includes('--table')) {
  console.log('| page | words | words a sentence | LIX |\n| --- | --- | --- | --- |')
  for (const path of pages) {
    const { words, perSentence, lix } = easeOf(sentencesOf(readFileSync(path, 'utf8')))
    console.log(`| ${path} | ${words} | ${perSentence.toFixed(1)} | ${lix.toFixed(0)} |`)
  }
}
if (faults.some(({ found }) => found.length > 0)) process.exitCode = 1

function filesOf(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path))
    .toSorted()
}
