import { SluiceError } from '../base/errors.ts'
import type { Action, Answer } from './answer.ts'
import { CommandContext } from './context.ts'
import { exitCodeOf, exitCodeOfSignal, worstOf } from './exit-codes.ts'
import type { GlobalFlags } from './flags.ts'
import { writeErrors, writeJson, writeText } from './output.ts'
import { createProgress } from './progress.ts'
import { styleFor } from './render/style.ts'
import { listenForSignals, type Signals } from './signals.ts'

/** Runs one command from its context to its printed answer. Gives the exit code. */
export async function runAction(action: Action, flags: GlobalFlags): Promise<number> {
  const signals = listenForSignals((name) => process.exit(exitCodeOfSignal(name)))
  const context = new CommandContext({
    flags,
    env: process.env,
    workingDirectory: process.cwd(),
    signal: signals.signal,
    progress: createProgress({
      stream: process.stderr,
      style: styleFor(process.stderr, process.env),
      quiet: flags.quiet === true,
    }),
  })
  try {
    const answer = await answerOf(action, context)
    return print(answer, context, signals)
  } catch (error) {
    const signal = signals.received()
    const code = writeErrors([signal === undefined ? error : stoppedBy(signal, error)], errorOutput(context))
    return signal === undefined ? code : exitCodeOfSignal(signal)
  }
}

/** The answer, after everything that the command opened is closed. */
async function answerOf(action: Action, context: CommandContext): Promise<Answer> {
  let answer: Answer
  try {
    answer = await action(context)
  } catch (error) {
    // The first thing that went wrong is what people must see.
    await context.close().catch(() => {})
    throw error
  }
  await context.close()
  return answer
}

function print(answer: Answer, context: CommandContext, signals: Signals): number {
  const errors = answer.errors ?? []
  const failed = errors.length > 0
  if (context.flags.output === 'text') writeText(answer.text(styleFor(process.stdout, process.env)))
  else if (!failed) writeJson(answer.json)
  if (failed) writeErrors(errors, { ...errorOutput(context), beside: answer.json })
  const signal = signals.received()
  if (signal !== undefined) return exitCodeOfSignal(signal)
  return answer.exitCode ?? worstOf(errors.map(exitCodeOf))
}

function errorOutput(context: CommandContext) {
  return {
    format: context.flags.output,
    verbose: context.flags.verbose === true,
    textOf: context.textOf,
  }
}

function stoppedBy(signal: string, cause: unknown): SluiceError {
  return new SluiceError('SLU7011', {
    message: `stopped by ${signal} before the work was done`,
    hint: 'nothing is lost: run it again',
    cause,
  })
}
