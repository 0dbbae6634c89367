import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.ts'

/** The commands of the program with the flags that each takes, global ones too: `identity show` -> `--unmask`, `-o`. */
export function commandsOf(): ReadonlyMap<string, ReadonlySet<string>> {
  const program = createProgram('test', {}, async () => {})
  return new Map(leavesOf(program, '', flagsOf(program)))
}

/**
 * What is wrong with what a page types: a command that is not there, or a flag that it does not take. `sluice` begins a
 * command, also as `npm run -s sluice --`; a flag alone must be one of any command.
 */
export function wrongIn(
  typed: string,
  commands: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  const line = typed.replaceAll('npm run -s sluice --', 'sluice').replace(/\s+#.*$/, '')
  if (/^--?[a-z]/.test(line))
    return wrongFlag(line, new Set([...commands.values()].flatMap((all) => [...all])))
  const words = /^(?:\$ |[A-Z_]+=\S+ |npx )*sluice +(.+)$/.exec(line)?.[1]?.split(/\s+/) ?? []
  const name = nameIn(words, commands)
  if (words.length === 0 || words.includes('COMMAND') || words.at(-2) === '-C') return undefined
  if (name === undefined) return `${typed}: there is no such command`
  return wrongFlag(line.slice(line.indexOf('sluice')), commands.get(name) ?? new Set())
}

function nameIn(
  words: readonly string[],
  commands: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  const names = words.filter((word, index) => !word.startsWith('-') && words[index - 1] !== '-C')
  const [first = '', second = ''] = names
  return [`${first} ${second}`, first].find((name) => commands.has(name))
}

function wrongFlag(line: string, flags: ReadonlySet<string>): string | undefined {
  const strange = [...line.matchAll(/(?<=^|\s)--?[a-z][a-z-]*/gi)]
    .map(([flag]) => flag)
    .find((flag) => !flags.has(flag))
  return strange === undefined ? undefined : `${line}: there is no ${strange}`
}

function flagsOf(command: Command): readonly string[] {
  return [
    ...command.options.flatMap((option) => [option.short ?? [], option.long ?? []].flat()),
    '-h',
    '--help',
  ]
}

function leavesOf(
  command: Command,
  path: string,
  inherited: readonly string[],
): readonly (readonly [string, ReadonlySet<string>])[] {
  return command.commands.flatMap((child) => {
    const name = path === '' ? child.name() : `${path} ${child.name()}`
    const flags = [...inherited, ...flagsOf(child)]
    return child.commands.length === 0 ? [[name, new Set(flags)] as const] : leavesOf(child, name, flags)
  })
}
