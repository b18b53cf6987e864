import { builtinModules } from 'node:module'
import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'

const bundle = await rollup({
  input: 'app.mjs',
  external: ['express', ...builtinModules],
  plugins: [nodeResolve({ exportConditions: ['node'] }), commonjs()],
  onwarn: () => undefined,
})
await bundle.write({ file: 'out/rollup.mjs', format: 'es', inlineDynamicImports: true })
