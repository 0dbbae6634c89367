/** A file of a new connector, from the root of the project. */
export interface NewFile {
  readonly path: string
  readonly text: string
}

/** Names of connectors are what projects write: `acme`, `acme-ads`. */
export const CONNECTOR_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/** Which template becomes which file. */
const FILES: readonly (readonly [template: string, file: string])[] = [
  ['manifest.ts.txt', 'manifest.ts'],
  ['index.ts.txt', 'index.ts'],
  ['fake.ts.txt', 'fake.ts'],
  ['README.md.txt', 'README.md'],
  ['test.ts.txt', '@NAME@.test.ts'],
]

/** The folder of a connector that works against its fake; `read` gives a template. */
export function filesOfConnector(name: string, read: (template: string) => string): readonly NewFile[] {
  const filled = (text: string) =>
    text
      .replaceAll('@NAME@', name)
      .replaceAll('@TITLE@', titleOf(name))
      .replaceAll('@CONST@', constantOf(name))
  return FILES.map(([template, file]) => ({
    path: `connectors/${name}/${filled(file)}`,
    text: filled(read(template)),
  }))
}

/** The registry with one entry more, at its end. Undefined when it is not written as this knows it. */
export function registryWith(name: string, registry: string): string | undefined {
  const constant = `${constantOf(name)}_MANIFEST`
  const imports = registry.lastIndexOf('\n} from ') + 1 || registry.lastIndexOf('\nimport ') + 1
  const end = registry.indexOf('\n', imports) + 1
  const list = registry.lastIndexOf('  ].map(')
  if (end === 0 || list < end) return undefined
  const entry = `    {
      manifest: ${constant},
      load: async () => (await import('./${name}/index.ts')).connector,
      loadFake: async () => (await import('./${name}/fake.ts')).startFake,
    },
`
  return [
    registry.slice(0, end),
    `import { ${constant} } from './${name}/manifest.ts'\n`,
    registry.slice(end, list),
    entry,
    registry.slice(list),
  ].join('')
}

function constantOf(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

function titleOf(name: string): string {
  return name
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}
