import { createInterface } from 'node:readline/promises'
import { SluiceError } from '../base/errors.ts'
import type { CommandContext } from './context.ts'

/**
 * Whether a person agrees. `--yes` agrees without asking. Throws SLU7018 where nobody can be asked: without a terminal,
 * or with `--no-input`.
 */
export async function agreed(context: CommandContext, question: string): Promise<boolean> {
  const { flags, signal } = context
  if (flags.yes === true) return true
  if (!flags.input || !process.stdin.isTTY || !process.stderr.isTTY)
    throw new SluiceError('SLU7018', {
      message: `expected an answer to "${question}", found nobody to ask`,
      hint: 'say so with --yes',
    })
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal })
    return /^\s*y(es)?\s*$/i.test(answer)
  } finally {
    terminal.close()
  }
}
