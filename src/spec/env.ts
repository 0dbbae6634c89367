import { SluiceError } from '../base/errors.ts'
import { envParts } from './forms/env-text.ts'
import type { EnvText } from './project.ts'

/**
 * The text with its variables read. `${VAR:-default}` gives the default when VAR is not set or empty.
 * Throws: SLU1018 for a variable that is not set and has no default.
 */
export function resolveEnvText(text: EnvText, env: Readonly<Record<string, string | undefined>>): string {
  const parts = envParts(text.raw) ?? [{ kind: 'text', text: text.raw }]
  return parts.map((part) => (part.kind === 'text' ? part.text : variableValue(part, text, env))).join('')
}

function variableValue(
  variable: { readonly name: string; readonly fallback: string | undefined },
  text: EnvText,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { name, fallback } = variable
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
  if (value !== undefined) return value
  throw new SluiceError('SLU1018', {
    message: `expected the environment variable "${name}" to be set, found it is not`,
    at: text.at,
    hint: `set ${name}, or give it a default: \${${name}:-default}`,
  })
}
