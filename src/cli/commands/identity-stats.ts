import { SIZE_BANDS } from '../../compile/inspect/identity-stats.ts'
import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import { count, facts, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { stitchedEntity } from '../stitched-entity.ts'

/** How records became entities, as last published. */
export async function identityStats(context: CommandContext, name: string | undefined): Promise<Answer> {
  const entity = stitchedEntity(await context.project(), name)
  const run = await openRun(context)
  const inspect = await import('../../inspect/identity-stats.ts')
  const stats = await inspect.identityStats(run, entity)
  return {
    json: {
      entity: stats.entity,
      as_of: stats.asOf,
      records: stats.records,
      entities: stats.entities,
      largest: stats.largest.map((one) => ({ ...one })),
      sizes: stats.sizes.map(({ atLeast, ...rest }) => ({ at_least: atLeast, ...rest })),
      refused: stats.refused.map((one) => ({ ...one })),
    },
    text: (style) =>
      [
        facts([
          ['entity', stats.entity],
          ['as of', stats.asOf],
          ['records', count(stats.records)],
          ['entities', count(stats.entities)],
        ]),
        table(
          [
            { title: 'RECORDS EACH', align: 'right' },
            { title: 'ENTITIES', align: 'right' },
            { title: 'RECORDS', align: 'right' },
          ],
          stats.sizes.map((band) => [bandName(band.atLeast), count(band.entities), count(band.records)]),
          style,
        ),
        table(
          [{ title: 'LARGEST' }, { title: 'RECORDS', align: 'right' }],
          stats.largest.map((one) => [one.id, count(one.records)]),
          style,
        ),
        ...(stats.refused.length === 0
          ? []
          : [
              table(
                [{ title: 'IDENTIFIER' }, { title: 'REFUSED BECAUSE' }, { title: 'VALUES', align: 'right' }],
                stats.refused.map((one) => [one.identifier, one.reason, count(one.values)]),
                style,
              ),
            ]),
      ].join('\n\n'),
  }
}

/** `3`, `6 to 10`, and `1,001 or more` for the last band that has any. */
function bandName(atLeast: number): string {
  const next = SIZE_BANDS[SIZE_BANDS.indexOf(atLeast) + 1]
  if (next === undefined) return `${count(atLeast)} or more`
  return next === atLeast + 1 ? count(atLeast) : `${count(atLeast)} to ${count(next - 1)}`
}
