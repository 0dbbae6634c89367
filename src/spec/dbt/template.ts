type Environment = Readonly<Record<string, string | undefined>>

/** A text of `profiles.yml` with its variables read, or why it cannot be. */
export type Rendered =
  | { readonly kind: 'text'; readonly text: string; readonly secrets: readonly string[] }
  | { readonly kind: 'unset'; readonly name: string }
  | { readonly kind: 'unknown' }

/** Of Jinja only what profiles use: `{{ env_var('NAME', 'default') | int }}`. */
export function renderTemplate(text: string, env: Environment): Rendered {
  if (/\{[%#]/.test(text)) return { kind: 'unknown' }
  const secrets: string[] = []
  let rendered = ''
  let end = 0
  for (const match of text.matchAll(EXPRESSION)) {
    const call = CALL.exec(match[1] ?? '')
    if (call === null) return { kind: 'unknown' }
    const name = call[1] ?? call[2] ?? ''
    const value = (Object.hasOwn(env, name) ? env[name] : undefined) ?? call[3] ?? call[4] ?? call[5]
    if (value === undefined) return { kind: 'unset', name }
    if (name.startsWith(SECRET_PREFIX)) secrets.push(value)
    rendered += text.slice(end, match.index) + value
    end = match.index + match[0].length
  }
  const rest = text.slice(end)
  // An expression that is not closed.
  return rest.includes('{{') ? { kind: 'unknown' } : { kind: 'text', text: rendered + rest, secrets }
}

/** dbt never shows what such a variable holds. */
const SECRET_PREFIX = 'DBT_ENV_SECRET'

const EXPRESSION = /\{\{-?([^{}]*?)-?\}\}/g
const TEXT = String.raw`(?:'([^'\\]*)'|"([^"\\]*)")`
const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`
/** The filters change a text's type only, which is known here from the setting. */
const FILTERS = String.raw`(?:\|\s*(?:int|as_number|as_bool|as_native|as_text)\s*)*`
const CALL = new RegExp(
  String.raw`^\s*env_var\(\s*${TEXT}\s*(?:,\s*(?:${TEXT}|${NUMBER})\s*)?\)\s*${FILTERS}$`,
)
