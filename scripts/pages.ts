import { CONNECTORS } from '../connectors/index.ts'
import { connectorPage, connectorTable } from './connector-page.ts'
import { hashingTables } from './hashing-page.ts'

interface Page {
  /** From the root. */
  readonly path: string
  readonly text: string
}

/** Every page that is made from manifests, as it must be. `read` gives a file of the project. */
export function pagesOfConnectors(read: (path: string) => string): readonly Page[] {
  const manifests = [...CONNECTORS.values()].map(({ manifest }) => manifest)
  const index = 'docs/connectors.md'
  return [
    { path: index, text: withTable(read(index), connectorTable(manifests)) },
    ...manifests.map((manifest) => ({
      path: `docs/connectors/${manifest.name}.md`,
      text: connectorPage(manifest, read(`connectors/${manifest.name}/README.md`)),
    })),
  ]
}

/** The page for who wants to know what ad platforms are told of people. */
export function pageOfHashing(read: (path: string) => string): Page {
  const path = 'docs/hashing.md'
  return { path, text: withTable(read(path), hashingTables()) }
}

/** Between the two marks. */
function withTable(text: string, table: string): string {
  return text.replace(MARKED, (_, start: string, end: string) => `${start}\n\n${table}\n\n${end}`)
}

const MARKED = /(<!-- \w+, by `npm run docs` -->)[\s\S]*?(<!-- end -->)/
