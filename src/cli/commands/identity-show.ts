import type { IdentityShown, Move } from '../../inspect/identity-show.ts'
import type { Answer } from '../answer.ts'
import type { IdentityShowFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import type { Style } from '../render/style.ts'
import { count, facts, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { stitchedEntity } from '../stitched-entity.ts'

/** What identity knows of one id: records, identifiers, first run, merges and splits. */
export async function identityShow(
  context: CommandContext,
  id: string,
  flags: IdentityShowFlags,
): Promise<Answer> {
  const entity = stitchedEntity(await context.project(), flags.entity)
  const run = await openRun(context)
  const inspect = await import('../../inspect/identity-show.ts')
  const shown = await inspect.identityShow(run, entity, {
    id,
    limit: flags.limit,
    unmask: flags.unmask === true,
  })
  return {
    json: {
      entity: shown.entity,
      id: shown.id,
      records: shown.records,
      sources: shown.sources.map(({ source, records, recordIds }) => ({
        source,
        records,
        record_ids: recordIds,
      })),
      identifiers: shown.identifiers.map(({ refused, ...one }) => ({
        ...one,
        links: refused === undefined,
        refused: refused ?? null,
      })),
      first_run:
        shown.firstRun === undefined
          ? null
          : {
              build: shown.firstRun.build,
              run_id: shown.firstRun.runId ?? null,
              as_of: shown.firstRun.asOf ?? null,
            },
      merges: shown.merges.map(moveJson),
      splits: shown.splits.map(moveJson),
    },
    text: (style) =>
      [
        facts([
          [shown.entity, shown.id],
          ['records', shown.records === 0 ? 'none: it is part of another now' : count(shown.records)],
          ...firstRunFacts(shown),
        ]),
        ...recordsText(shown, style),
        ...identifiersText(shown, style),
        ...movesText('MERGED', shown.merges, style),
        ...movesText('SPLIT', shown.splits, style),
      ].join('\n\n'),
  }
}

function moveJson({ fromId, intoId, runId, at }: Move) {
  return { from_id: fromId, into_id: intoId, run_id: runId, at }
}

function firstRunFacts({ firstRun }: IdentityShown): readonly (readonly [string, string])[] {
  if (firstRun === undefined) return []
  const when = firstRun.asOf === undefined ? '' : `, as of ${firstRun.asOf}`
  return [['first run', `${firstRun.runId ?? `build ${firstRun.build}`}${when}`]]
}

function recordsText({ sources }: IdentityShown, style: Style): readonly string[] {
  if (sources.length === 0) return []
  const rows = sources.map(({ source, records, recordIds }) => {
    const more = records - recordIds.length
    const shown = recordIds.length === 0 ? '' : recordIds.join(', ')
    return [source, count(records), more > 0 && shown !== '' ? `${shown} and ${count(more)} more` : shown]
  })
  return [table([{ title: 'SOURCE' }, { title: 'RECORDS', align: 'right' }, { title: 'IDS' }], rows, style)]
}

function identifiersText({ identifiers }: IdentityShown, style: Style): readonly string[] {
  if (identifiers.length === 0) return []
  return [
    table(
      [{ title: 'IDENTIFIER' }, { title: 'VALUE' }, { title: 'RECORDS', align: 'right' }, { title: '' }],
      identifiers.map((one) => [
        one.identifier,
        one.value,
        count(one.records),
        one.refused === undefined ? '' : `joins nothing: ${one.refused}`,
      ]),
      style,
    ),
  ]
}

function movesText(title: string, moves: readonly Move[], style: Style): readonly string[] {
  if (moves.length === 0) return []
  return [
    table(
      [{ title: `${title} FROM` }, { title: 'INTO' }, { title: 'AT' }, { title: 'RUN' }],
      moves.map((move) => [move.fromId, move.intoId, move.at, move.runId]),
      style,
    ),
  ]
}
