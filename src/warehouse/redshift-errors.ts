import { type DriverError, postgresProblem } from './postgres-errors.ts'
import type { WarehouseProblem } from './problem.ts'

/**
 * What Redshift says, in our classes. Its leader speaks as PostgreSQL does; what its compute nodes find has one
 * SQLSTATE for all, so there the text must do, which is in English everywhere. None of it is repeated: the text and
 * the detail hold values of rows.
 */
export function redshiftProblem(error: DriverError): WarehouseProblem {
  if (error.code === INTERNAL)
    for (const [pattern, problem] of OF_COMPUTE_NODES)
      if (pattern.test(`${error.message}\n${error.detail ?? ''}`)) return problem(error)
  return postgresProblem(error, 'Amazon Redshift')
}

const INTERNAL = 'XX000'

type Problem = (error: DriverError) => WarehouseProblem

/** The first that matches counts. */
const OF_COMPUTE_NODES: readonly (readonly [RegExp, Problem])[] = [
  // The tables were swapped under the transaction (1018), or two of them could not have run one after the other (1023).
  [/^(?:1018|1023)\b|^Serializable isolation violation|deadlock detected/m, conflict],
  [/^Cannot insert a NULL value/m, forbiddenRow],
  [/\bcancell?ed\b/i, cancelled],
  [/\bdisk full\b|no space left/i, outOfDisk],
  [/\bout of memory\b|insufficient memory/i, outOfMemory],
  [
    /^(?:Invalid digit|Invalid (?:date|timestamp|time|boolean|operation)|Overflow|Value too long|Value out of range|Numeric (?:data )?overflow|String (?:length|value) exceeds|String contains invalid|Divi(?:de|sion) by zero|Error converting|Result size exceeds LISTAGG limit|Character length exceeds|Float.* overflow|.*out of range)/im,
    badValue,
  ],
]

function conflict(): WarehouseProblem {
  return {
    code: 'SLU3010',
    message: 'expected no other transaction to change the same tables, found one that did',
  }
}

function forbiddenRow(): WarehouseProblem {
  return {
    code: 'SLU3009',
    message: "expected rows that the table's constraints allow, found one that breaks not null",
  }
}

function cancelled(): WarehouseProblem {
  return { code: 'SLU3016', message: 'expected the statement to finish, found it cancelled' }
}

function outOfDisk(): WarehouseProblem {
  return {
    code: 'SLU3005',
    message: 'expected space on the disks of the cluster, found them full',
    hint: 'intermediate results count too; nothing was published',
  }
}

function outOfMemory(): WarehouseProblem {
  return {
    code: 'SLU3006',
    message: 'expected the queue of the query group to have memory enough, found it exhausted',
  }
}

function badValue({ message }: DriverError): WarehouseProblem {
  const type = /\bType: ([A-Za-z][A-Za-z ]*)/.exec(message)?.[1]?.trim()
  const isList = /LISTAGG/.test(message)
  return {
    code: 'SLU3008',
    message: isList
      ? 'expected the texts of a group to be 65,535 bytes at most when they are joined, found more'
      : `expected every value to ${type === undefined ? 'fit its type' : `convert to ${type}`}, found one that does not`,
    hint: 'values are never shown; look for it in the warehouse',
  }
}
