import { test } from 'node:test'
import { DIALECT_NAMES, openerOf } from '../ladder/openers.ts'
import { runCase } from './acceptance-run.ts'
import { acceptanceFolder, CASES } from './projects.ts'

/**
 * The questions of the acceptance projects have the same answers on every warehouse. Their files are loaded into tables
 * first, and their own SQL is given per target; that DuckDB reads the files itself is what their own runner proves.
 */
for (const dialect of DIALECT_NAMES)
  for (const project of CASES)
    test(`${dialect}: the questions of ${project} have their answers`, async (context) => {
      const folder = acceptanceFolder()
      if (folder === undefined)
        return context.skip('not run: the acceptance projects are not beside this repository')
      const open = openerOf(dialect)
      if (open === undefined) return context.skip(`not run: nothing runs the SQL of ${dialect} here`)
      await runCase(context, await open(context), folder, project)
    })
