import { readFileSync } from 'node:fs'

/** A fenced block of a page that is run: a file to write, or commands with what they print. */
export type Example =
  | { readonly kind: 'file'; readonly line: number; readonly path: string; readonly text: string }
  | {
      readonly kind: 'console'
      readonly line: number
      readonly exit: number
      readonly runs: readonly { readonly args: readonly string[]; readonly shown: readonly string[] }[]
    }

const FENCE = /^```(\w+)?[ \t]*(.*)\n([\s\S]*?)^```/gm

/**
 * The examples of a page, in order: ```` ```yaml title=segments.yml ```` is a file of the project, ```` ```console ````
 * (with `exit=4` when it does not end with 0) holds lines `$ sluice ...`, each followed by lines of its output. In a
 * line `...` stands for anything.
 */
export function examplesOf(page: string): readonly Example[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(FENCE)].flatMap((match): readonly Example[] => {
    const [, language = '', words = '', body = ''] = match
    const line = text.slice(0, match.index).split('\n').length
    const title = /\btitle=(\S+)/.exec(words)?.[1]
    if (title !== undefined) return [{ kind: 'file', line, path: title, text: body }]
    if (language !== 'console') return []
    return [{ kind: 'console', line, exit: Number(/\bexit=(\d+)/.exec(words)?.[1] ?? 0), runs: runsOf(body) }]
  })
}

/** The first shown line that the output does not have, in order; undefined when all stand there. */
export function missingLine(shown: readonly string[], output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trim())
  let from = 0
  for (const expected of shown) {
    const found = lines.findIndex((line, index) => index >= from && patternOf(expected).test(line))
    if (found < 0) return expected
    from = found + 1
  }
  return undefined
}

/** Where a link of a page leads, without links to elsewhere and within the page. */
export function linksOf(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
}

function runsOf(body: string) {
  const runs: { args: readonly string[]; shown: string[] }[] = []
  for (const line of body.split('\n')) {
    const command = /^\$ sluice (.*)$/.exec(line)?.[1]
    if (command !== undefined) runs.push({ args: wordsOf(command), shown: [] })
    else if (line.trim() !== '' && line.trim() !== '...') runs.at(-1)?.shown.push(line.trim())
  }
  return runs
}

/** As a shell would, without anything but quotes; a comment ends the line. */
function wordsOf(command: string): readonly string[] {
  return [...command.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  )
}

function patternOf(shown: string): RegExp {
  const parts = shown
    .split('...')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, '\\s+'))
  return new RegExp(`^${parts.join('.*')}$`)
}
