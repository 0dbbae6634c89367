import { type Fragment, id, name, splitName } from '../../dialect/fragment.ts'
import { resolveEnvText } from '../../spec/env.ts'
import type { SourceRelation } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import type { Step } from '../step.ts'

export interface GrantNames {
  /** Of the target; both as they are there. */
  readonly database: string
  readonly user: string
  /** What runs its statements, where a target names that. */
  readonly warehouse: string | undefined
}

/**
 * The least rights with which this project runs: a role that reads the schemas in which its tables stand, and one that
 * also owns the state schema. In the order in which they are run; none where the warehouse gives no rights to roles.
 * What queries of sources read is not known. Throws: SLU1018 for a table named by a variable that is not set.
 */
export function grantSteps(
  context: CompileContext,
  { database, user, warehouse }: GrantNames,
): readonly Step[] {
  const { roles } = context.dialect.supports
  if (roles === 'none') return []
  if (roles === 'principal') return principalGrants(context, database, user)
  const reader = id(`${context.stateSchema}_reader`)
  const writer = id(`${context.stateSchema}_writer`)
  const ownSchema = id(context.stateSchema)
  return [
    grant(context, 'create_role', 'A role that reads the sources.', { role: reader }),
    grant(context, 'connect', 'It connects, and makes temporary tables for plans and previews.', {
      database: id(database),
      reader,
    }),
    ...(warehouse === undefined
      ? []
      : [grant(context, 'use_warehouse', 'It runs statements.', { warehouse: id(warehouse), reader })]),
    ...schemasRead(context).flatMap((schema) => [
      grant(context, 'use_schema', 'It sees a schema of sources,', { schema, reader }),
      ...readSteps(context, { schema, reader }),
    ]),
    grant(context, 'create_role', 'A role that also writes, to the state schema only.', { role: writer }),
    grant(context, 'writer_reads', 'It reads what the other one reads,', { reader, writer }),
    ...(roles === 'own'
      ? [grant(context, 'own_schema', 'and owns the state schema.', { schema: ownSchema, writer })]
      : [
          grant(context, 'make_schema', 'and there is the state schema,', { schema: ownSchema }),
          grant(context, 'write_schema', 'in which it makes tables.', { schema: ownSchema, writer }),
        ]),
    grant(context, 'let_user', 'The user of the target.', { writer, grantee: id(user) }),
  ]
}

/** Rights on the tables of a schema are those on its views too, but for engines that part them. */
function readSteps(
  context: CompileContext,
  names: { readonly schema: Fragment; readonly reader: Fragment },
): readonly Step[] {
  const later = 'and those that whoever runs this makes there later.'
  const tables = [
    grant(context, 'read_tables', 'reads its tables and views,', names),
    grant(context, 'read_later_tables', later, names),
  ]
  if (context.dialect.supports.grantsViewsApart !== true) return tables
  return [
    ...tables,
    grant(context, 'read_views', 'its views apart from its tables,', names),
    grant(context, 'read_later_views', later, names),
  ]
}

/** Where SQL makes no roles, and a right on a schema holds for what is made there later. */
function principalGrants(context: CompileContext, database: string, user: string): readonly Step[] {
  const { dialect } = context
  const schema = id(context.stateSchema)
  const grantee = dialect.grantee?.(user) ?? id(user)
  const byHand = dialect.rightsByHand?.(database, user)
  const sees = { database: id(database), reader: grantee }
  const [first, ...rest] = [
    ...(byHand === undefined
      ? [grant(context, 'connect', 'The user of the target sees the catalog,', sees)]
      : []),
    ...schemasRead(context).flatMap((source) => [
      grant(context, 'use_schema', 'sees a schema of sources,', { schema: source, reader: grantee }),
      grant(context, 'read_tables', 'and reads its tables and views, later ones too.', {
        schema: source,
        reader: grantee,
      }),
    ]),
    grant(context, 'make_schema', 'There is the state schema,', { schema }),
    grant(context, 'write_schema', 'in which it makes tables, plans and previews too.', {
      schema,
      writer: grantee,
    }),
  ]
  if (first === undefined || byHand === undefined) return first === undefined ? rest : [first, ...rest]
  const summary = `By hand, because no SQL says it: ${byHand}\n-- The user of the target then ${first.summary}`
  return [{ ...first, summary }, ...rest]
}

/** The schemas that tables of sources name, each once; the dialect's own for a table that names none. */
export function schemasRead(context: CompileContext): readonly Fragment[] {
  const schemas = new Map<string, Fragment>()
  for (const { relation } of context.graph.project.sources.values()) {
    const table = tableNamed(context, relation)
    if (table === undefined) continue
    const piece = splitName(table).at(-2)
    const written = piece ?? { text: context.dialect.supports.defaultSchema ?? 'public', exact: true }
    const exact = written.exact ? written.text : context.dialect.fold(written.text)
    schemas.set(exact, written.exact ? id(written.text) : name(written.text))
  }
  return [...schemas].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, schema]) => schema)
}

function tableNamed(context: CompileContext, relation: SourceRelation): string | undefined {
  if (relation.kind === 'dbt') return relation.found?.table
  return relation.kind === 'table' ? resolveEnvText(relation.table, context.env) : undefined
}

function grant(
  context: CompileContext,
  step: string,
  summary: string,
  placeholders: Readonly<Record<string, Fragment>>,
): Step {
  const file = `grants/${step}.sql`
  return {
    name: `grants.${step}`,
    summary,
    creates: undefined,
    query: context.templates.fill(file, placeholders),
    grain: 'no rows',
    file: context.templates.fileOf(file),
  }
}
