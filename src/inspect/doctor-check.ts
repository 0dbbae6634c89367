import { ProjectErrors, SluiceError } from '../base/errors.ts'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: string
  readonly hint?: string | undefined
  /** Why it failed; decides the exit code. */
  readonly error?: SluiceError | undefined
  /** Of a source: as what each column is read. */
  readonly columns?: Readonly<Record<string, string>> | undefined
}

/** What `work` found. What it throws is why the check failed; an error that is no known one is thrown on: a bug. */
export async function check(
  name: string,
  work: () => Promise<Omit<Check, 'name' | 'status'> & { readonly status?: Check['status'] }>,
): Promise<Check> {
  try {
    return { name, status: 'ok', ...(await work()) }
  } catch (error) {
    return failedCheck(name, error)
  }
}

export function failedCheck(name: string, thrown: unknown): Check {
  const errors = thrown instanceof ProjectErrors ? thrown.errors : [thrown]
  const [error] = errors
  if (!(error instanceof SluiceError)) throw thrown
  const more = errors.length === 1 ? '' : `, and ${errors.length - 1} more`
  return {
    name,
    status: 'failed',
    message: `${error.message}${placeOf(error)}${more}`,
    hint: error.hint,
    error,
  }
}

function placeOf({ at }: SluiceError): string {
  return at === undefined ? '' : ` (${at.file}:${at.line}:${at.column})`
}
