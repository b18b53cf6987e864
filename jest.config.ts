/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'

/** What `npm run test:matrix` puts in the place of a package, as `{"express":"express4"}`. */
const packages = JSON.parse(process.env['TEST_PACKAGES'] ?? '{}') as Record<string, string>

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // Projects of their own, installed elsewhere and run by `npm run test:consumers`.
  modulePathIgnorePatterns: ['<rootDir>/test/consumers/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    ...Object.fromEntries(Object.entries(packages).map(([from, to]) => [`^${from}$`, to])),
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 20_000,
  // One process for all would keep the modules of each suite: 4 GB after half of them, and slow by then.
  // Suites wait for timers and sockets a third of their time, so that three share two cores.
  maxWorkers: 3,
  workerIdleMemoryLimit: '1GB',
  // A test that fails before it closes its servers must not keep the run from ending. That nothing of
  // ours stays open is shown by test/keys/manager/key-refresher.process-end.test.ts.
  forceExit: true,
  // Tests that run concurrently wait for timers and sockets, not for the processor.
  maxConcurrency: 48,
  coverageProvider: 'v8',
  collectCoverageFrom: ['lib/**/*.ts'],
}

export default config
