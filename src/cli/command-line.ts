import { createRequire } from 'node:module'
import { outputFormat } from './flags.ts'
import { createProgram } from './program.ts'

/**
 * Reads the arguments and runs what they say; gives the exit code. `--help` and mistakes in flags end here, with
 * commander as the only thing loaded; everything else is imported when a command was chosen.
 */
export async function runCommandLine(): Promise<number> {
  let exitCode = 0
  const program = createProgram(version(), process.env, async (action, flags) => {
    const { runAction } = await import('./run-action.ts')
    exitCode = await runAction(action, flags)
  })
  const written = { out: '', err: '' }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)])
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        written.out += text
      },
      writeErr: (text) => {
        written.err += text
      },
    })
  try {
    await program.parseAsync(process.argv)
    return exitCode
  } catch (error) {
    const { endParsing } = await import('./end-parsing.ts')
    return endParsing(error, outputFormat(process.argv.slice(2), process.env), written)
  }
}

function version(): string {
  const require = createRequire(import.meta.url)
  for (const path of ['../../package.json', '../../../package.json'])
    try {
      return String(require(path).version)
    } catch {
      // Compiled code stands one folder deeper, under dist/.
    }
  return 'unknown'
}
