/** A key of one field is its value; of several they are joined by `|`, with `\` and `|` escaped. */
export function keyText(parts: readonly string[]): string {
  const [first = ''] = parts
  if (parts.length < 2) return first
  return parts.map((part) => part.replaceAll('\\', '\\\\').replaceAll('|', '\\|')).join('|')
}

/** Cut at every `|` that no `\` stands before; `\|` is a bar and `\\` a backslash. */
export function keyParts(text: string): readonly string[] {
  const parts = ['']
  for (const [piece] of text.matchAll(/\\[\s\S]|[\s\S]/gu)) {
    if (piece === '|') parts.push('')
    else
      parts.push((parts.pop() ?? '') + (piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece))
  }
  return parts
}
