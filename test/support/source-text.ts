/** Source text with comments blanked, and with strings blanked too. Offsets and lines stay where they were. */
export interface BlankedText {
  readonly withoutComments: string
  readonly codeOnly: string
}

/** After one of these a slash starts a regular expression, not a division. */
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|throw|await))\s*$/

/** A small scanner of TypeScript: enough to tell code from strings, templates, comments and regular expressions. */
export function blank(text: string): BlankedText {
  const withoutComments = text.split('')
  const codeOnly = text.split('')
  const wipe = (target: string[], from: number, to: number) => {
    for (let at = from; at < to; at += 1) if (text[at] !== '\n') target[at] = ' '
  }
  /** Depths of braces at which a template's `${` was opened. */
  const templates: number[] = []
  let braces = 0
  let at = 0
  while (at < text.length) {
    const two = text.slice(at, at + 2)
    const one = text[at] ?? ''
    if (two === '//' || two === '/*') {
      const end = two === '//' ? endOf(text, '\n', at) : endOf(text, '*/', at + 2) + 2
      wipe(withoutComments, at, end)
      wipe(codeOnly, at, end)
      at = end
    } else if (one === '/' && BEFORE_REGEX.test(text.slice(Math.max(0, at - 40), at))) {
      const end = endOfRegex(text, at)
      wipe(withoutComments, at + 1, end - 1)
      wipe(codeOnly, at + 1, end - 1)
      at = end
    } else if (one === "'" || one === '"') {
      const end = endOfString(text, at, one)
      wipe(codeOnly, at + 1, end - 1)
      at = end
    } else if (one === '`' || (one === '}' && templates.at(-1) === braces)) {
      if (one === '}') templates.pop()
      const end = endOfTemplate(text, at + 1)
      const opens = text.slice(end - 2, end) === '${'
      wipe(withoutComments, at + 1, end - (opens ? 2 : 1))
      wipe(codeOnly, at + 1, end - (opens ? 2 : 1))
      if (opens) templates.push(braces)
      at = end
    } else {
      if (one === '{') braces += 1
      if (one === '}') braces -= 1
      at += 1
    }
  }
  return { withoutComments: withoutComments.join(''), codeOnly: codeOnly.join('') }
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found < 0 ? text.length : found
}

function endOfString(text: string, from: number, quote: string): number {
  let at = from + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfRegex(text: string, from: number): number {
  let at = from + 1
  let inClass = false
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true
    if (text[at] === ']') inClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return at + 1
}

/** Just after the closing backtick, or just after the next `${`. */
function endOfTemplate(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    if (text[at] === '`') return at + 1
    if (text.slice(at, at + 2) === '${') return at + 2
    at += text[at] === '\\' ? 2 : 1
  }
  return at
}
