const { join } = require('node:path')
const webpack = require('webpack')

webpack(
  {
    mode: 'production',
    target: 'node20',
    entry: join(__dirname, process.argv[2]),
    output: { path: join(__dirname, 'out'), filename: 'webpack.cjs', asyncChunks: false },
    optimization: { minimize: false },
  },
  (error, stats) => {
    if (error || stats.hasErrors()) {
      console.error(error ?? stats.toString({ all: false, errors: true }))
      process.exitCode = 1
    }
  },
)
