// Compiles app.ts with one TypeScript, by every module setting, as an ES module and as CommonJS; by one
// of them with the types of Express 4 as well.
const { execFileSync, spawnSync } = require('node:child_process')
const { copyFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const [, , name] = process.argv
const manifest = require(`${name}/package.json`)
const tsc = join(require.resolve(`${name}/package.json`), '..', manifest.bin.tsc)
const major = Number(manifest.version.split('.')[0])

const SETTINGS = {
  node16: { module: 'node16' },
  nodenext: { module: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  // TypeScript 6 calls it deprecated, and 7 has no more of it.
  ...(major < 6 && { commonjs: { module: 'commonjs', moduleResolution: 'node10' } }),
  ...(major === 6 && {
    commonjs: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
  }),
  ...(major > 6 && { commonjs: { module: 'commonjs', moduleResolution: 'bundler' } }),
}

let failed = false
let count = 0
for (const [setting, moduleOptions] of Object.entries(SETTINGS)) {
  for (const type of ['module', 'commonjs']) {
    for (const express of setting === 'nodenext' ? [4, 5] : [5]) {
      const folder = join(__dirname, [name, setting, type, express].join('-'))
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
      copyFileSync(join(__dirname, 'app.ts'), join(folder, 'app.ts'))
      const compilerOptions = {
        ...moduleOptions,
        target: 'es2022',
        lib: ['es2022'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: false,
        esModuleInterop: true,
        skipLibCheck: false,
        noEmit: true,
        ...(express === 4 && {
          paths: { express: ['../node_modules/@types/express4/index.d.ts'] },
        }),
      }
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['app.ts'] }),
      )
      count += 1
      try {
        execFileSync(process.execPath, [tsc, '-p', folder], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
      } catch (error) {
        failed = true
        console.log(`${folder}:\n${error.stdout}`)
      }
    }
  }
}

// The commonest mistake: a variable may be unset. A message about another option misleads.
const settings = ['--noEmit', '--strict', '--module', 'nodenext', '--types', 'node']
const unset = spawnSync(process.execPath, [tsc, ...settings, 'unset.ts'], { cwd: __dirname })
const told = unset.stdout.toString()
if (!told.includes("'undefined'") || told.includes("'verifier'")) {
  failed = true
  console.log(told)
}
console.log(`${manifest.version}: ${count} settings`)
if (failed) process.exitCode = 1
