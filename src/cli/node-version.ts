/** The oldest Node that the packages we stand on take, as package.json says. */
const OLDEST = { major: 22, minor: 19 }

/** Ends the process with 78 on a Node that is too old: else it would end in a syntax error of some package. */
export function refuseOldNode(): void {
  if (isNewEnough(process.versions.node)) return
  process.stderr.write(
    `error: expected Node ${OLDEST.major}.${OLDEST.minor} or newer, found ${process.versions.node}\n  = install a newer Node; in this repository "npm run -s sluice -- ..." brings its own\n`,
  )
  process.exit(78)
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)
}
