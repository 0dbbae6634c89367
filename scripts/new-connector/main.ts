import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CONNECTOR_NAME, filesOfConnector, registryWith } from './scaffold.ts'

// npm run new:connector NAME: a folder in connectors/ that works against its own fake, and its entry in the registry.
const ROOT = dirname(dirname(import.meta.dirname))
const [name = ''] = process.argv.slice(2)

process.exitCode = written() ?? 0

/** Nothing is written unless all of it can be. Gives the exit code of a mistake. */
function written(): number | undefined {
  if (!CONNECTOR_NAME.test(name))
    return wrong(`expected a name such as acme or acme-ads, found "${name}"`, 'npm run new:connector acme')
  if (existsSync(join(ROOT, 'connectors', name)))
    return wrong(`expected the name of no connector yet, found connectors/${name}`, 'choose another name')
  const registry = join(ROOT, 'connectors/index.ts')
  const text = registryWith(name, readFileSync(registry, 'utf8'))
  if (text === undefined)
    return wrong('expected connectors/index.ts to be a list of entries, found another text', 'mend it first')
  const read = (template: string) => readFileSync(join(import.meta.dirname, 'template', template), 'utf8')
  const files = filesOfConnector(name, read)
  mkdirSync(join(ROOT, 'connectors', name))
  for (const file of files) writeFileSync(join(ROOT, file.path), file.text)
  writeFileSync(registry, text)
  process.stdout.write(`${[...files.map(({ path }) => path), 'connectors/index.ts'].join('\n')}
Next: npm run format && npm run docs, then docs/adding-a-connector.md\n`)
  return undefined
}

function wrong(message: string, hint: string): number {
  process.stderr.write(`${message}\nhint: ${hint}\n`)
  return 2
}
