import { type Fragment, join, lit, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { hasCandidates, MAX_BLOCK } from './candidates/compared.ts'
import { foundTable } from './find-steps.ts'
import { maxRecords } from './max-records.ts'
import { nodeKey, nodeRows, sourceRows } from './record-steps.ts'
import { saltedHash } from './records-query.ts'
import { noRowsOf, unitedOr } from './rows.ts'
import { fileStep, type IdentityScope, identityStep, nullHash, textLiteral } from './scope.ts'
import { type IdentityRecords, identityOf, typeNumbers } from './slots.ts'
import { ignoredLinks, nodeLinks } from './state-steps.ts'

/** From the rows that are not as they were to the entities that are touched. */
export interface TouchSteps {
  /** Which nodes and values came and went. */
  readonly moved: readonly Step[]
  /** A question: `repeated`. */
  readonly checkRows: Step
  /** A question: `collisions`. */
  readonly checkCame: Step
  /** Which entities that touches: who holds the values that moved, then what is solved again. */
  readonly touched: { readonly before: readonly Step[]; readonly after: readonly Step[] }
  /** A question: `collisions`. */
  readonly checkTouched: Step
  /** Who is nobody's in the state and may not be: none before that is known. */
  readonly noneLoose: Step
  readonly loose: Step
  /** Adds their rows to what was found. */
  readonly findLoose: readonly Step[]
}

export function touchSteps(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): TouchSteps {
  const events = all.filter(({ isEvent }) => isEvent)
  return {
    moved: movedSteps(scope, all, salt),
    checkRows: step(scope, 'check_rows', 'Whether a key of an event stands twice', 'one row', false, {
      rows: scope.published('node_rows'),
      came_rows: cameRows(scope, events),
      gone_rows: scope.temporary('gone_rows'),
    }),
    checkCame: step(scope, 'check_came', 'Whether two nodes share a hash', 'one row', false, {
      came: scope.temporary('came'),
      old_links: scope.temporary('old_links'),
      unlinked: scope.temporary('unlinked'),
      group_links: unitedOr(
        scope,
        events.flatMap((records) => nodeLinks(scope, records)),
        LINK,
      ),
    }),
    touched: touchedSteps(scope),
    checkTouched: step(
      scope,
      'check_touched',
      'Whether two nodes or entities share a hash',
      'one row',
      false,
      tables(scope, 'came', 'touched', 'unlinked', 'near'),
    ),
    noneLoose: identityStep(
      scope,
      {
        name: 'none_loose',
        summary: 'No event is known to belong to an entity again',
        grain: 'no row',
        creates: scope.temporary('loose'),
      },
      noRowsOf(scope, { r: 'hash' }),
    ),
    loose: step(
      scope,
      'loose',
      "Events that were nobody's and may not be",
      'one row a node',
      true,
      tables(scope, 'holders', 'near', 'came'),
    ),
    findLoose: events.map((records) => looseRowsStep(scope, records)),
  }
}

/** Rows of events that are new: `source`, `record_id`, `row_hash`, `content_hash`, `r`. To stand after `from`. */
export function cameRows(scope: IdentityScope, events: readonly IdentityRecords[]): Fragment {
  const selects = events.map(
    (records) =>
      sql`select ${textLiteral(scope.context, records.source.name)} as source, record_id, row_hash, content_hash, r from ${tableOf(sourceRows(scope, records))}`,
  )
  return unitedOr(scope, selects, {
    source: 'text',
    record_id: 'text',
    row_hash: 'hash',
    content_hash: 'hash',
    r: 'hash',
  })
}

/** `when 'email' then 1`. */
function numbersOfTypes(scope: IdentityScope): Fragment {
  const types = [...typeNumbers(identityOf(scope.entity))]
  return join(
    types.map(([type, number]) => sql`when ${textLiteral(scope.context, type)} then ${number}`),
    ' ',
  )
}

/** `when 1 then 'email'`. */
export function namesOfTypes(scope: IdentityScope): Fragment {
  const types = [...typeNumbers(identityOf(scope.entity))]
  return join(
    types.map(([type, number]) => sql`when ${number} then ${textLiteral(scope.context, type)}`),
    ' ',
  )
}

/** A step of `sql/identity/incremental`, which makes a table of its own name. */
export function step(
  scope: IdentityScope,
  name: string,
  summary: string,
  grain: string,
  makes: boolean,
  values: Parameters<typeof fileStep>[3],
): Step {
  const creates = makes ? scope.temporary(name) : undefined
  return fileStep(scope, { name, summary, grain, creates }, `incremental/${name}`, values)
}

/** Tables between steps, by their names. */
export function tables(
  scope: IdentityScope,
  ...names: readonly string[]
): Readonly<Record<string, ReturnType<IdentityScope['temporary']>>> {
  return Object.fromEntries(names.map((name) => [name, scope.temporary(name)]))
}

function looseRowsStep(scope: IdentityScope, records: IdentityRecords): Step {
  const { name } = records.source
  const rows = step(
    scope,
    'loose_rows',
    `Looks at those of ${name} again`,
    'one row an event and direction',
    false,
    {
      rows: scope.published('node_rows'),
      source: textLiteral(scope.context, name),
      ...tables(scope, 'loose'),
    },
  )
  const found = tableOf(foundTable(scope, records))
  return {
    ...rows,
    name: `${rows.name}_${name}`,
    query: sql`insert into ${found} (k, c, r, was, stands)\n${rows.query}`,
  }
}

const LINK = { r: 'hash', t: 'number', x: 'hash', y: 'hash' } as const

function movedSteps(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): readonly Step[] {
  const events = all.filter(({ isEvent }) => isEvent)
  const records = all.filter(({ isEvent }) => !isEvent)
  const groups = events.map((one) => sql`select r from ${tableOf(nodeRows(scope, one))}`)
  const gone = records.map(
    (one) =>
      sql`select k as r from ${tableOf(foundTable(scope, one))} where was and k not in (select r from ${tableOf(nodeRows(scope, one))})`,
  )
  const was = records.map((one) => sql`select k as r from ${tableOf(foundTable(scope, one))} where was`)
  const came = records.map((one) => sql`select r from ${tableOf(nodeRows(scope, one))}`)
  const left = sql`select r from ${tableOf(scope.temporary('left'))}`
  const goneRows = tableOf(scope.temporary('gone_rows'))
  return [
    step(scope, 'left', 'Nodes that are no more', 'one row a node', true, {
      gone_records: unitedOr(scope, gone, { r: 'hash' }),
      groups: unitedOr(scope, groups, { r: 'hash' }),
      gone_rows: scope.temporary('gone_rows'),
      rows: scope.published('node_rows'),
    }),
    listStep(scope, 'unlinked', 'Nodes whose values in the state are no more theirs', [
      ...was,
      left,
      sql`select r from ${tableOf(scope.temporary('loose'))}`,
    ]),
    listStep(scope, 'stirred', 'Nodes and rows that came, changed or went', [
      sql`select r from ${tableOf(scope.temporary('unlinked'))}`,
      ...came,
      ...groups,
      sql`select r from ${goneRows} where r is not null`,
      sql`select row_hash as r from ${goneRows}`,
    ]),
    step(scope, 'old_links', 'The values that they held', 'one row a node and value', true, {
      links: scope.published('node_ids'),
      // Only events can be in the state without being in an entity, where a shared hash is found.
      stirred: scope.temporary(events.length > 0 ? 'stirred' : 'unlinked'),
    }),
    step(scope, 'came', 'Nodes that are new or have changed', 'one row a node', true, {
      records: unitedOr(
        scope,
        records.map((one) => keyed(scope, one)),
        KEYED,
      ),
      groups: unitedOr(
        scope,
        events.map((one) => keyed(scope, one)),
        KEYED,
      ),
      ...tables(scope, 'old_links', 'loose'),
    }),
    step(scope, 'came_links', 'The values that they hold', 'one row a node and value', true, {
      links: unitedOr(
        scope,
        all.flatMap((one) => [...nodeLinks(scope, one), ...ignoredLinks(scope, one, salt)]),
        LINK,
      ),
      ...tables(scope, 'came'),
    }),
    refusedBeforeStep(scope, salt),
    step(scope, 'moved_values', 'Values whose holders are not the same', 'one row a value', true, {
      max_records: maxRecords(scope),
      ...tables(scope, 'came_links', 'old_links', 'unlinked', 'gone_rows', 'refused_before'),
    }),
  ]
}

const KEYED = { r: 'hash', source: 'text', node_key: 'text', content_hash: 'hash' } as const

function keyed(scope: IdentityScope, records: IdentityRecords): Fragment {
  const { context } = scope
  const content = records.isEvent ? nullHash(context) : sql`content_hash`
  return sql`select r, ${textLiteral(context, records.source.name)} as source, ${nodeKey(scope, records)} as node_key, ${content} as content_hash from ${tableOf(nodeRows(scope, records))}`
}

function listStep(scope: IdentityScope, name: string, summary: string, selects: readonly Fragment[]): Step {
  const query = sql`select distinct r\nfrom ${unitedOr(scope, selects, { r: 'hash' })} as listed`
  return identityStep(
    scope,
    { name, summary, grain: 'one row a hash', creates: scope.temporary(name) },
    query,
  )
}

function refusedBeforeStep(scope: IdentityScope, salt: number): Step {
  const hash = (before: string) => saltedHash(scope.context, `${before}|`, sql`identifier || '|' || value`)
  return step(scope, 'refused_before', 'What linked nothing in the last build', 'one row a value', true, {
    types: numbersOfTypes(scope),
    x: hash(`${salt}`),
    y: hash(`${salt}, second`),
    refused: refusedValues(scope),
  })
}

/** Blocks that were too large are no values, and made anew by each build. */
function refusedValues(scope: IdentityScope): Fragment {
  const refused = tableOf(scope.published('refused'))
  if (!hasCandidates(scope.entity)) return refused
  const reason = textLiteral(scope.context, MAX_BLOCK)
  return sql`(select * from ${refused} where reason <> ${reason}) as refused`
}

function touchedSteps(scope: IdentityScope): TouchSteps['touched'] {
  const links = scope.published('node_ids')
  const nodes = scope.published('nodes')
  const before = [
    step(scope, 'holders', 'Who holds the values that moved', 'one row a node and value', true, {
      links,
      ...tables(scope, 'moved_values', 'came_links', 'unlinked'),
    }),
    step(
      scope,
      'counts',
      'How many hold them',
      'one row a value',
      true,
      tables(scope, 'moved_values', 'holders'),
    ),
    step(scope, 'over', 'Values that too many hold', 'one row a value', true, {
      max_records: maxRecords(scope),
      ...tables(scope, 'counts', 'refused_before'),
    }),
    step(scope, 'near', 'Nodes of the state that are touched', 'one row a node', true, {
      nodes,
      ...tables(scope, 'stirred', 'holders'),
    }),
  ]
  const after = [
    step(
      scope,
      'broken',
      'Entities that may fall apart',
      'one row an entity',
      true,
      tables(scope, 'near', 'unlinked', 'gone_rows', 'holders', 'over'),
    ),
    step(scope, 'touched', 'Nodes that are solved again', 'one row a node', true, {
      nodes,
      no_text: scope.context.dialect.fn.asText(lit(null)),
      no_hash: nullHash(scope.context),
      ...tables(scope, 'near', 'broken'),
    }),
  ]
  return { before, after }
}
