/** A piece of a text with `${VAR}` in it. */
export type EnvPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback: string | undefined }

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/** Undefined: there is a `${` that starts neither `${VAR}` nor `${VAR:-default}`. */
export function envParts(raw: string): readonly EnvPart[] | undefined {
  const parts: EnvPart[] = []
  let end = 0
  for (const match of raw.matchAll(VARIABLE)) {
    parts.push({ kind: 'text', text: raw.slice(end, match.index) })
    parts.push({ kind: 'variable', name: match[1] ?? '', fallback: match[2] })
    end = match.index + match[0].length
  }
  parts.push({ kind: 'text', text: raw.slice(end) })
  return parts.some((part) => part.kind === 'text' && part.text.includes('${')) ? undefined : parts
}

export function readsVariables(text: string): boolean {
  return text.includes('${')
}
