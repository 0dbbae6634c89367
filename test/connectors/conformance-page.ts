import { BATCH_CASES } from './cases/batches.ts'
import type { Case } from './cases/case.ts'
import { ENGINE_CASES } from './cases/engine.ts'
import { FAULT_CASES } from './cases/faults.ts'
import { JOB_CASES } from './cases/jobs.ts'
import { ROW_CASES } from './cases/rows.ts'
import { whyNot } from './declare.ts'
import { SUBJECTS, type Subject } from './subjects.ts'

const GROUPS: readonly (readonly [title: string, cases: readonly Case[]])[] = [
  ['Rows', ROW_CASES],
  ['Requests that go wrong', FAULT_CASES],
  ['Jobs', JOB_CASES],
  ['Through the engine', ENGINE_CASES],
  ['Batches, through the engine', BATCH_CASES],
]

const CASES: readonly Case[] = GROUPS.flatMap(([, cases]) => cases)

/** The one that stands for destinations with jobs is none of the project's. */
const SHOWN = SUBJECTS.filter(({ entry }) => entry.manifest.name !== 'jobs')

/** docs/conformance.md: what every connector is held to, and where it says nothing. */
export function conformancePage(): string {
  return `# Conformance

<!-- This page is written by UPDATE_DOCS=1 node --test test/connectors/conformance-page.test.ts -->

Every connector is run against a fake of its API on the loopback, over real HTTP (PostgreSQL: a real server; a file and a
program: what they are), by the same ${CASES.length} cases: at
the connection, and from a table in a warehouse to what the destination holds. Where the vendor's own description of the
API is at hand, each request that these cases send is held against it: path, method, query, headers, body and limits.
Nothing here has met a live account.

${GROUPS.map(groupOf).join('\n')}
## How many apply

A case that does not apply is in the table below, with the reason. Those that are the fault of no manifest are run all
the same, and the suite fails when one of them passes.

${table(['object', 'cases that apply'], SHOWN.map(countOf))}
## Which do not, and why

${table(['case', 'where', 'why'], exceptions())}`
}

function groupOf([title, cases]: (typeof GROUPS)[number]): string {
  return `## ${title}\n\n${table(
    ['case', 'what must hold'],
    cases.map(({ id, sentence }) => [id, sentence]),
  )}`
}

function countOf(subject: Subject): readonly string[] {
  const applying = CASES.filter((one) => whyNot(subject, one) === undefined)
  return [`\`${subject.name}\``, `${applying.length} of ${CASES.length}`]
}

/** What is left out for the same reason in the same places is told once. */
function exceptions(): readonly (readonly string[])[] {
  const told = CASES.flatMap((one) =>
    [...Map.groupBy(SHOWN, (subject) => whyNot(subject, one))].flatMap(([why, subjects]) =>
      why === undefined ? [] : [{ id: one.id, where: placesOf(subjects), why }],
    ),
  )
  const byPlace = Map.groupBy(told, ({ where, why }) => `${where}: ${why}`)
  return [...byPlace.values()].map((all) => {
    const { where = '', why = '' } = all[0] ?? {}
    return [all.map(({ id }) => id).join(', '), where, why]
  })
}

/** A connector by its name alone where all of its objects are meant. */
function placesOf(subjects: readonly Subject[]): string {
  const byConnector = Map.groupBy(subjects, ({ entry }) => entry)
  return [...byConnector]
    .flatMap(([entry, some]) => {
      const all = SHOWN.filter((one) => one.entry === entry)
      return all.length === some.length ? [entry.manifest.name] : some.map(({ name }) => name)
    })
    .map((name) => `\`${name}\``)
    .join(', ')
}

/** As the docs are formatted: each column as wide as its widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return `${[line(head), rule, ...rows.map(line)].join('\n')}\n`
}
