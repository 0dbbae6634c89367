import type { LeftBehind } from '../../sync/state/destroy-state.ts'
import type { Answer } from '../answer.ts'
import { agreed } from '../ask.ts'
import type { CommandContext } from '../context.ts'
import { plural, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'

/**
 * Drops what Sluice made in the warehouse, and says what stays at each destination. Throws SLU5007 while snapshots hold
 * rows without `--abandon`, SLU5001 while a run is at work, SLU7018 where nobody can be asked.
 */
export async function destroy(
  context: CommandContext,
  flags: { readonly abandon?: boolean },
): Promise<Answer> {
  const run = await openRun(context)
  const { destroyState, leftBehind, requireAbandoned } = await import('../../sync/state/destroy-state.ts')
  const left = await leftBehind(run)
  requireAbandoned(left, flags.abandon === true)
  const schema = run.target.stateSchema
  const question = `Drop all that Sluice keeps in "${schema}" of target ${run.target.name}${staying(left)}?`
  if (!(await agreed(context, question)))
    return {
      json: { schema, tables: [], schema_dropped: false, left: [] },
      text: () => 'Nothing was dropped.',
    }
  const { tables, schemaDropped } = await destroyState(run)
  return {
    json: {
      schema,
      tables: [...tables],
      schema_dropped: schemaDropped,
      left: left.map((one) => ({ ...one, destination: one.destination ?? null })),
    },
    text: (style) =>
      [
        tables.length === 0
          ? `Nothing of Sluice is in "${schema}".`
          : `dropped ${plural(tables.length, 'table')}${schemaDropped ? ` and the schema "${schema}"` : `; the schema "${schema}" stays`}`,
        ...(left.length === 0
          ? []
          : [
              'This stays where it was sent, and no run will change or remove it:',
              table(
                [
                  { title: 'DESTINATION' },
                  { title: 'ACCOUNT' },
                  { title: 'ROWS', align: 'right' },
                  { title: 'SENT BY' },
                ],
                left.map((one) => [
                  one.destination ?? '(no longer in the project)',
                  one.account,
                  String(one.rows),
                  one.sync,
                ]),
                style,
              ),
            ]),
      ].join('\n'),
  }
}

function staying(left: readonly LeftBehind[]): string {
  if (left.length === 0) return ''
  const rows = left.reduce((sum, one) => sum + one.rows, 0)
  return `, and leave ${plural(rows, 'row')} at ${plural(new Set(left.map((one) => one.account)).size, 'destination')} to themselves`
}
