import { SIZE_BANDS } from '../../compile/inspect/identity-stats.ts'
import type { IdentityStats } from '../../inspect/identity-stats.ts'
import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import type { Style } from '../render/style.ts'
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
      candidates: stats.candidates.map((one) => ({ ...one })),
      shared: stats.shared.map((one) => ({ ...one, refused: one.refused ?? null })),
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
        ...sharedText(stats, style),
        ...refusedText(stats, style),
        ...candidatesText(stats, style),
      ].join('\n\n'),
  }
}

function sharedText({ shared }: IdentityStats, style: Style): readonly string[] {
  if (shared.length === 0) return []
  return [
    table(
      [{ title: 'MOST SHARED' }, { title: 'VALUE' }, { title: 'RECORDS', align: 'right' }, { title: '' }],
      shared.map((one) => [
        one.identifier,
        one.value,
        count(one.records),
        one.refused === undefined ? '' : `joins nothing: ${one.refused}`,
      ]),
      style,
    ),
  ]
}

function refusedText({ refused }: IdentityStats, style: Style): readonly string[] {
  if (refused.length === 0) return []
  return [
    table(
      [
        { title: 'IDENTIFIER' },
        { title: 'REFUSED BECAUSE' },
        { title: 'VALUES', align: 'right' },
        { title: 'RECORDS', align: 'right' },
      ],
      refused.map((one) => [one.identifier, one.reason, count(one.values), count(one.records)]),
      style,
    ),
  ]
}

function candidatesText({ candidates }: IdentityStats, style: Style): readonly string[] {
  if (candidates.length === 0) return []
  return [
    table(
      [
        { title: 'LOOK ALIKE BY' },
        { title: 'PAIRS NOT ONE', align: 'right' },
        { title: 'LINKED', align: 'right' },
      ],
      candidates.map((one) => [one.rule, count(one.waiting), count(one.linked)]),
      style,
    ),
  ]
}

/** `3`, `6 to 10`, and `1,001 or more` for the last band that has any. */
function bandName(atLeast: number): string {
  const next = SIZE_BANDS[SIZE_BANDS.indexOf(atLeast) + 1]
  if (next === undefined) return `${count(atLeast)} or more`
  return next === atLeast + 1 ? count(atLeast) : `${count(atLeast)} to ${count(next - 1)}`
}
