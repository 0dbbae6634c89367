import type { Recorded } from './recorder.ts'

/**
 * Steps that make other numbers of rows on another engine: which of two records is the least, and so which of two ids
 * stays and how many rounds are needed, is by the engine's own hash. All others look at as much everywhere.
 */
const BY_HASH =
  /^(?:identity\.\w+\.(?:incremental\.)?(?:(?:guard_\d+_)?round_\d+_\w+|edges|heirs|merges|splits|moves|moved_(?:entities|nodes)|replaced|touched_rows|touched_entities|node_entities|nodes_delta|event_rows|identity_in|(?:add|remove)_\w+)|profile\.\w+\.changes\.(?:moved|changed))$/

/** What only one engine is told, as rules for what looks alike, or the test itself does. */
const ONE_ENGINES = /^(?:data|test|list|.*\.(?:index|analyze\w*|alike_\w+|link_\w+|candidates))$/

/** Whether a step makes as many rows on every engine. */
export function isCounted(step: string): boolean {
  return !BY_HASH.test(step) && !ONE_ENGINES.test(step)
}

/** How many rows each step made or changed, one after the other. */
export function countsOf(statements: readonly Recorded[]): readonly string[] {
  return statements
    .filter(({ kind, step }) => kind === 'execute' && isCounted(step))
    .map(({ step, rows }) => `${step}: ${rows}`)
}
