import { test } from 'node:test'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { DIALECT_NAMES, openerOf } from '../ladder/openers.ts'
import { runCase } from './acceptance-run.ts'
import { acceptanceFolder, CASES, type Case } from './projects.ts'

/**
 * The questions of the acceptance projects have the same answers on every warehouse. Their files are loaded into tables
 * first, and their own SQL is given per target; that DuckDB reads the files itself is what their own runner proves.
 */
export function askEverywhere(wanted: (dialect: DialectName, project: Case) => boolean): void {
  for (const dialect of DIALECT_NAMES)
    for (const project of CASES.filter((one) => wanted(dialect, one)))
      test(`${dialect}: the questions of ${project} have their answers`, async (context) => {
        const folder = acceptanceFolder()
        if (folder === undefined)
          return context.skip('not run: the acceptance projects are not beside this repository')
        await runCase(context, await openerOf(dialect)(context), folder, project)
      })
}
