import { CommanderError } from 'commander'
import { SluiceError } from '../base/errors.ts'
import { EXIT } from './exit-codes.ts'
import { writeErrors, writeJson, writeText } from './output.ts'

/** Ends a command line that ran no command: help and version, or a mistake in it. Gives the exit code. */
export function endParsing(
  error: unknown,
  format: 'text' | 'json',
  written: { readonly out: string; readonly err: string },
): number {
  if (error instanceof CommanderError && error.exitCode === 0) {
    const text = written.out.trimEnd()
    if (format === 'text') writeText(text)
    else writeJson({ [error.code === 'commander.version' ? 'version' : 'help']: text })
    return EXIT.done
  }
  const shown = error instanceof CommanderError ? usageError(error, written.err) : error
  return writeErrors([shown], { format, verbose: false, textOf: () => undefined })
}

function usageError(error: CommanderError, help: string): SluiceError {
  if (error.code === 'commander.help') {
    const names = [...help.matchAll(/^ {2}([a-z][a-z-]*)\b/gm)].map((match) => match[1] ?? '')
    return new SluiceError('SLU7001', {
      message: 'expected a command, found none',
      hint: `the commands are ${names.filter((name) => name !== 'help').join(', ')}`,
    })
  }
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const meant = /\(Did you mean (?:one of )?(.+)\?\)/.exec(rest.join(' '))?.[1]
  return new SluiceError('SLU7001', {
    message: message.replaceAll("'", '"'),
    hint:
      meant === undefined
        ? 'sluice --help lists the commands, sluice COMMAND --help its flags'
        : `did you mean ${meant}?`,
  })
}
