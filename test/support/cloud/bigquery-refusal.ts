/** What the service says of a statement that it does not run. */
export class BigqueryRefusal extends Error {
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }

  /** Of the HTTP answer. */
  get status(): number {
    return STATUS[this.reason] ?? 400
  }
}

const STATUS: Readonly<Record<string, number>> = {
  notFound: 404,
  accessDenied: 403,
  duplicate: 409,
  quotaExceeded: 403,
  rateLimitExceeded: 429,
  backendError: 503,
}

/** What the analyser or DuckDB said, as BigQuery would. */
export function refusalOf(message: string, project: string): BigqueryRefusal {
  for (const [pattern, reason, told] of TOLD) {
    const match = pattern.exec(message)
    if (match !== null) return new BigqueryRefusal(reason, told(match, project))
  }
  return new BigqueryRefusal('invalidQuery', message.replace(/ \[at (\d+:\d+)\]/, ' at [$1]'))
}

type Told = (match: RegExpExecArray, project: string) => string

const TOLD: readonly (readonly [pattern: RegExp, reason: string, told: Told])[] = [
  [
    /^Table not found: ((?!.*INFORMATION_SCHEMA)[^;\s]+)/,
    'notFound',
    ([, name], project) =>
      name?.includes('.')
        ? `Not found: Table ${project}:${name} was not found in location EU`
        : `Table "${name}" must be qualified with a dataset (e.g. dataset.table).`,
  ],
  [
    /^Table not found: ([^;\s.]+)\.INFORMATION_SCHEMA/,
    'notFound',
    ([, dataset], project) => `Not found: Dataset ${project}:${dataset} was not found in location EU`,
  ],
  [
    /(?:Catalog|Binder) Error.*(?:Schema|schema)(?: with name)? "?([\w-]+)"? does not exist/,
    'notFound',
    ([, dataset], project) => `Not found: Dataset ${project}:${dataset} was not found in location EU`,
  ],
  [
    /Catalog Error: Table with name "?([^\s"]+)"? does not exist/,
    'notFound',
    ([, name], project) => `Not found: Table ${project}:${name} was not found in location EU`,
  ],
  [
    /Catalog Error: (?:Table|Schema) with name "?([^\s"]+)"? already exists/,
    'duplicate',
    ([, name], project) => `Already Exists: Table ${project}:${name}`,
  ],
  [
    /TransactionContext Error|Conflict on|write-write conflict/i,
    'invalidQuery',
    () => 'Transaction is aborted due to concurrent update against table. Transaction ID: 0',
  ],
  [
    /Conversion Error: Could not convert string '(.*?)' to (\w+)/s,
    'invalidQuery',
    ([, value, type]) => `Bad ${type?.toLowerCase()} value: ${value}`,
  ],
  [
    /(?:Conversion|Invalid Input) Error: (?:invalid )?(timestamp|date|time) field (?:value )?(?:out of range|format)?: ?"?(.*?)"?,/s,
    'invalidQuery',
    ([, type, value]) => `Invalid ${type}: '${value}'`,
  ],
  [
    /NOT NULL constraint failed: \S*?(\w+)$/,
    'invalidQuery',
    ([, column]) => `Required field ${column} cannot be null`,
  ],
  [/Out of Range Error|out of range/, 'invalidQuery', () => 'int64 overflow'],
  [/Division by zero|divide by zero/i, 'invalidQuery', () => 'division by zero: 1 / 0'],
]
