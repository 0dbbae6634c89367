/** What the command line of a bench says, checked before anything is made: a wrong one ends with 64, as that of the tool. */
export function engineOf(given: string): 'duckdb' | 'postgres' {
  return given === 'duckdb' || given === 'postgres' ? given : usage('--engine duckdb or postgres', given)
}

export function wholeNumber(flag: string, given: string, least: number): number {
  const value = Number(given)
  return Number.isInteger(value) && value >= least
    ? value
    : usage(`--${flag} a whole number from ${least}`, given)
}

function usage(wanted: string, found: string): never {
  process.stderr.write(`expected ${wanted}, found "${found}"; bench/README.md tells what each bench takes\n`)
  process.exit(64)
}
