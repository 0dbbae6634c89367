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

export interface Link {
  /** Relative to the page; the page itself when it is empty. */
  readonly path: string
  /** The heading in it, as a web page would name it; empty: none. */
  readonly heading: string
}

/** Where the links of a page lead, without those to other sites. */
export function linksOf(page: string): readonly Link[] {
  return [...withoutFences(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => ({ path: link.replace(/#.*$/, ''), heading: /#(.*)$/.exec(link)?.[1] ?? '' }))
}

/** The names by which links reach the headings of a page: small letters, digits, and a dash for a space. */
export function headingsOf(page: string): readonly string[] {
  return [...withoutFences(page).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The rows of all tables of a page, cell by cell, without the lines under their heads. */
export function tableRowsOf(page: string): readonly (readonly string[])[] {
  return withoutFences(page)
    .split('\n')
    .filter((line) => /^\|(?! *-+ *\|)/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

/** Everything of a page that is typed: what stands in backquotes or in a fenced block. */
export function typedOf(page: string): readonly string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(FENCE)].flatMap(
    (match) => match[3]?.split('\n') ?? [],
  )
  return [...blocks, ...[...withoutFences(page).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')]
}

function withoutFences(page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')
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
