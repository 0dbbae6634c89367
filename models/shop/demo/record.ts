/**
 * Draws the demo's output as a picture for the README: `node models/shop/demo/record.ts > docs/demo.svg`. Runs the
 * demo, leaves out the sections that are long to read, and keeps the colours of the terminal.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const DEMO = fileURLToPath(new URL('demo.ts', import.meta.url))
/** Commands whose output is too wide or too long for a picture. */
const LEFT_OUT = ['validate', 'identity stats', 'preview lapsing_vips']
const COLUMNS = 112
const LINE_PX = 17
const CHARACTER_PX = 7.8
const MARGIN_PX = 18
const ESCAPE = String.fromCharCode(27)
/** A colour or weight of the terminal. */
const CODE = new RegExp(`${ESCAPE}\\[([0-9;]*)m`, 'g')

const STYLES: Readonly<Record<string, string>> = {
  '1': 'font-weight="bold" fill="#f0f3f6"',
  '2': 'fill="#8b949e"',
  '31': 'fill="#ff7b72"',
  '32': 'fill="#7ee787"',
  '33': 'fill="#e3b341"',
  '36': 'fill="#79c0ff"',
}

const lines = sectionsOf(await demoOutput())
process.stdout.write(picture(lines.map((line) => spansOf(line))))

function demoOutput(): Promise<string> {
  const child = spawn(process.execPath, [DEMO], {
    env: { ...process.env, FORCE_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += data
    })
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`expected the demo to end with 0, found ${code}`)),
    ),
  )
}

/** The output without the blocks of the commands that are left out: a block ends at the next command or heading. */
function sectionsOf(text: string): readonly string[] {
  const kept: string[] = []
  let skipping = false
  for (const line of text
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()
    .split('\n')) {
    const bare = plain(line)
    if (bare.startsWith('$ sluice ')) skipping = LEFT_OUT.some((name) => bare.startsWith(`$ sluice ${name}`))
    else if (bare.startsWith('# ')) skipping = false
    if (!skipping && !(bare === '' && plain(kept.at(-1) ?? '') === '')) kept.push(line)
  }
  // How long it took is this machine's affair.
  return kept.filter((line) => !line.startsWith('The demo took'))
}

interface Span {
  readonly text: string
  readonly style: string
}

function plain(line: string): string {
  return line.replaceAll(CODE, '')
}

function spansOf(line: string): readonly Span[] {
  const spans: Span[] = []
  let style = ''
  let room = COLUMNS
  const add = (text: string) => {
    if (text === '' || room <= 0) return
    spans.push({ text: text.length > room ? `${text.slice(0, room - 3)}...` : text, style })
    room -= text.length
  }
  let from = 0
  for (const match of line.matchAll(CODE)) {
    add(line.slice(from, match.index))
    from = match.index + match[0].length
    style = STYLES[match[1] ?? ''] ?? (match[1] === '22' || match[1] === '39' ? '' : style)
  }
  add(line.slice(from))
  return spans
}

function picture(rows: readonly (readonly Span[])[]): string {
  const width = Math.ceil(COLUMNS * CHARACTER_PX + 2 * MARGIN_PX)
  const height = rows.length * LINE_PX + 2 * MARGIN_PX
  const text = rows.map((spans, index) => {
    const y = MARGIN_PX + (index + 1) * LINE_PX - 4
    const inner = spans.map(({ text: words, style }) => `<tspan ${style}>${escaped(words)}</tspan>`).join('')
    return `<text x="${MARGIN_PX}" y="${y}" xml:space="preserve">${inner}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The demo in a terminal">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#c9d1d9">
${text.join('\n')}
</g>
</svg>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
