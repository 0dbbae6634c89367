import { resolveEnvText } from '../../spec/env.ts'
import type { EnvText } from '../../spec/project.ts'

/** Reads a destination's texts, with the variables of this environment in them. Throws SLU1018 for one not set. */
export function textReader(env: Readonly<Record<string, string | undefined>>): (text: EnvText) => string {
  return (text) => resolveEnvText(text, env)
}
