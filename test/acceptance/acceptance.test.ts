import { askEverywhere } from './ask.ts'

/**
 * Small projects on all six; those of thousands of rows on the two engines that are here themselves. The rest is
 * `npm run questions`: it takes minutes.
 */
askEverywhere((dialect, project) => isHere(dialect) || isSmall(dialect, project))

function isHere(dialect: string): boolean {
  return ['duckdb', 'postgres'].includes(dialect)
}

/** BigQuery's stand-in has every statement analysed first, which is what takes the time. */
function isSmall(dialect: string, project: string): boolean {
  return project === 'senzing' || (project === 'jaffle' && dialect !== 'bigquery')
}
