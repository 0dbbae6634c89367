/** What `npm run bench -- NAME` can measure: figures as JSON on stdout, beside what they are compared with. */
const BENCHES: Readonly<Record<string, (argv: readonly string[]) => Promise<object>>> = {
  cli: async () => (await import('./cli.ts')).benchCli(),
  identity: async (argv) => (await import('./identity.ts')).benchIdentity(argv),
  profiles: async (argv) => (await import('./profiles.ts')).benchProfiles(argv),
  sync: async (argv) => (await import('./sync.ts')).benchSync(argv),
}

const name = process.argv[2] ?? ''
const bench = BENCHES[name]
if (bench === undefined) {
  process.stderr.write(`expected the name of a bench (${Object.keys(BENCHES).join(', ')}), found "${name}"\n`)
  process.exit(64)
}
process.stdout.write(`${JSON.stringify(await bench(process.argv.slice(3)), null, 2)}\n`)
