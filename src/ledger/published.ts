import { instantOf } from '../base/instant.ts'
import { moment } from '../dialect/ledger-value.ts'
import { inChunks } from './chunks.ts'
import type { Publication, Published, PublishedNode } from './ledger.ts'
import { ascending } from './order.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import { instantIn, numberOf, optionalInstant, textOf } from './values.ts'

export function openPublished(session: LedgerSession, schema: StateSchema): Published {
  const { db } = session
  return {
    async lastAsOf() {
      if (!(await schema.exists())) return undefined
      const greatest = db.selectFrom('builds').select((one) => one.fn.max('as_of').as('as_of'))
      const [row] = await session.read('last_as_of', greatest)
      return row && optionalInstant(row, 'as_of')
    },
    async nodes() {
      if (!(await schema.exists())) return new Map()
      const rows = await session.readAll('published_nodes', (last, limit) =>
        db
          .selectFrom('published')
          .selectAll()
          .where('id', '>', last === undefined ? '' : textOf(last, 'id'))
          .orderBy('id', ascending)
          .limit(limit),
      )
      return new Map(
        rows.map((row) => {
          const node: PublishedNode = {
            id: textOf(row, 'id'),
            fingerprint: textOf(row, 'fingerprint'),
            asOf: instantIn(row, 'as_of'),
            runId: textOf(row, 'run_id'),
            rows: numberOf(row, 'row_count'),
          }
          return [node.id, node]
        }),
      )
    },
    async nextBuildNumber() {
      if (!(await schema.exists())) return 1
      const last = db.selectFrom('builds').select((one) => one.fn.max('build_number').as('last'))
      const [row] = await session.read('last_build', last)
      return (row === undefined ? 0 : numberOf(row, 'last')) + 1
    },
    async record(publication) {
      await recordBuild(session, publication, null)
      for (const some of inChunks(publication.nodes)) await replaceNodes(session, some)
    },
    intend: (publication) => recordBuild(session, publication, JSON.stringify(publication)),
    async intended() {
      const open = db.selectFrom('builds').select('intended').where('intended', 'is not', null)
      const rows = await session.read('intended_builds', open.orderBy('build_number', ascending))
      return rows.map((row) => JSON.parse(textOf(row, 'intended')) as Publication)
    },
    async settle({ buildNumber, nodes }) {
      for (const some of inChunks(nodes)) await replaceNodes(session, some)
      const settled = db.updateTable('builds').set({ intended: null }).where('build_number', '=', buildNumber)
      await session.execute('settle_build', settled)
    },
  }
}

async function recordBuild(
  session: LedgerSession,
  { buildNumber, runId, asOf }: Publication,
  intended: string | null,
): Promise<void> {
  const build = {
    build_number: buildNumber,
    run_id: runId,
    as_of: moment(asOf),
    published_at: moment(instantOf(session.clock.nowMs())),
    intended,
  }
  await session.execute('record_build', session.db.insertInto('builds').values(build))
}

async function replaceNodes(session: LedgerSession, nodes: readonly PublishedNode[]): Promise<void> {
  const { db } = session
  const ids = nodes.map(({ id }) => id)
  await session.execute('forget_nodes', db.deleteFrom('published').where('id', 'in', ids))
  const rows = nodes.map((node) => ({
    id: node.id,
    fingerprint: node.fingerprint,
    as_of: moment(node.asOf),
    run_id: node.runId,
    row_count: node.rows,
  }))
  await session.execute('record_nodes', db.insertInto('published').values(rows))
}
