import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { transformSync } from '@swc/core'

const SWC = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
}

/** What is compiled once and evaluated often. */
const scripts = new Map()
/** Packages, which are evaluated once: no mutant is in them. */
const packages = new Map()
/** Globals that packages made as they were evaluated: what they compile later may ask for them. */
export const globalsOfPackages = new Set()

/**
 * Evaluates a test file and each file of the project that it imports anew, so that nothing a mutant did
 * is left to the next. Packages of node_modules are shared.
 *
 * @param given Makes the modules to give by name, of a function that forgets what was evaluated so far.
 */
export async function evaluateFresh(path, given) {
  const modules = new Map()
  const builtins = given(() => modules.clear())

  function load(file) {
    const found = modules.get(file)
    if (found !== undefined) return found
    const module = moduleOf(file, {
      identifier: file,
      initializeImportMeta: (meta) => describe(meta, file),
      importModuleDynamically: async (specifier) => {
        const imported = await link(specifier, module)
        if (imported.status === 'unlinked') await imported.link(link)
        await imported.evaluate()
        return imported
      },
    })
    modules.set(file, module)
    return module
  }

  function link(specifier, { identifier }) {
    if (specifier.startsWith('.')) return load(fileOf(specifier, identifier))
    return builtins.has(specifier)
      ? synthetic(specifier, builtins.get(specifier))
      : packaged(specifier)
  }

  const module = load(path)
  await module.link(link)
  await module.evaluate()
}

function fileOf(specifier, importer) {
  const path = resolve(dirname(importer), specifier)
  const typescript = path.replace(/\.js$/, '.ts')
  return existsSync(typescript) ? typescript : path
}

/** V8 rejects what was compiled before a test has set a flag of it, such as `--expose-gc`. */
function moduleOf(file, options) {
  const { code, cachedData } = compiled(file)
  try {
    return new vm.SourceTextModule(code, { ...options, cachedData })
  } catch (error) {
    if (error.code !== 'ERR_VM_MODULE_CACHED_DATA_REJECTED') throw error
    scripts.delete(file)
    return new vm.SourceTextModule(code, { ...options, cachedData: compiled(file).cachedData })
  }
}

function compiled(file) {
  let script = scripts.get(file)
  if (script === undefined) {
    const { code } = transformSync(readFileSync(file, 'utf8'), { ...SWC, filename: file })
    // Data of a module that imports later has no place for the function that does it.
    const importsLater = code.includes('import(')
    const cachedData = importsLater ? undefined : new vm.SourceTextModule(code).createCachedData()
    script = { code, cachedData }
    scripts.set(file, script)
  }
  return script
}

function describe(meta, file) {
  const { href } = pathToFileURL(file)
  meta.url = href
  meta.filename = file
  meta.dirname = dirname(file)
  meta.resolve = (specifier) =>
    specifier.startsWith('.') ? new URL(specifier, href).href : import.meta.resolve(specifier)
}

async function packaged(specifier) {
  let module = packages.get(specifier)
  if (module === undefined) {
    const url = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier
    const others = new Set(Reflect.ownKeys(globalThis))
    module = synthetic(specifier, await import(url))
    packages.set(specifier, module)
    for (const name of Reflect.ownKeys(globalThis)) {
      if (!others.has(name)) globalsOfPackages.add(name)
    }
  }
  return module
}

function synthetic(identifier, namespace) {
  return new vm.SyntheticModule(
    Object.keys(namespace),
    function fill() {
      for (const [name, value] of Object.entries(namespace)) this.setExport(name, value)
    },
    { identifier },
  )
}
