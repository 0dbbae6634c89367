import type { Recorded } from '../scene/recorder.ts'
import { codeOf, tokensOf } from '../tokens.ts'

/** A recorded statement with the tables that it looks at and those that it makes, changes or drops. */
export interface Moment {
  readonly at: number
  readonly statement: Recorded
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
  /** How each of `writes` is called when it is over; a table that is gone then has no name. */
  readonly called: ReadonlyMap<string, string | undefined>
  /** The steps of all rounds, runs and sources of one kind. */
  readonly family: string
}

/**
 * What a scene said to DuckDB, one statement after the other. Transactions are left out, so that any part of it can run
 * inside of one that is rolled back; and the clock of the warehouse is a time that moves by a second a statement.
 */
export function timelineOf(statements: readonly Recorded[]): readonly Moment[] {
  const moving = statements
    .filter(
      ({ kind, step }) => ['execute', 'read', 'stream'].includes(kind) && step !== 'test' && step !== 'list',
    )
    .map((statement, at) => ({
      ...statement,
      sql: statement.sql.replaceAll('current_timestamp', clockAt(at)),
    }))
  const written = moving.map(({ sql }) => writtenBy(sql))
  const tables = new Set(written.flatMap((called) => [...called.keys()]))
  return moving.map((statement, at) => {
    const called = written[at] ?? new Map()
    return {
      at,
      statement,
      reads: new Set(namesIn(statement.sql).filter((name) => tables.has(name))),
      writes: new Set(called.keys()),
      called,
      family: familyOf(statement.step),
    }
  })
}

/** `identity.customer.round_2_hook` and `round_3_hook` are printed by the same few lines. */
export function familyOf(step: string): string {
  return step.replaceAll(/\d+/g, 'N')
}

function clockAt(at: number): string {
  return `timestamp '${new Date(Date.parse('2026-01-01T00:00:00Z') + at * 1000).toISOString().slice(0, 19).replace('T', ' ')}'`
}

const WRITES =
  /\b(?:create (?:or replace )?(?:temp )?(?:table|view)(?: if not exists)?|(drop) (?:table|view)(?: if exists)?|insert into|update(?= [\w".]+(?: as \w+)?\s+set\b)|delete from|merge into|alter (?:table|view)|(rename) to) ([\w".]+)/g

function writtenBy(sql: string): ReadonlyMap<string, string | undefined> {
  const called = new Map<string, string | undefined>()
  let last = ''
  for (const [, dropped, renamed, name = ''] of sql.matchAll(WRITES)) {
    if (renamed !== undefined) {
      called.set(bare(last), undefined)
      called.set(bare(name), last.replace(/[^.]+$/, name))
    } else called.set(bare(name), dropped === undefined ? name : undefined)
    last = name
  }
  return called
}

function bare(name: string): string {
  return (name.split('.').at(-1) ?? '').replaceAll('"', '')
}

/** All words and names: more than the tables, never fewer. */
function namesIn(sql: string): readonly string[] {
  return codeOf(tokensOf(sql, { backslash: false, quote: '"' })).flatMap(({ kind, text }) => {
    if (kind === 'name') return [text.slice(1, -1)]
    return kind === 'word' ? [text] : []
  })
}
