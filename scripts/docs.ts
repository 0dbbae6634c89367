import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pageOfHashing, pagesOfConnectors } from './pages.ts'

// npm run docs: writes the pages that are made from manifests and rulesets.
const ROOT = dirname(import.meta.dirname)
mkdirSync(join(ROOT, 'docs/connectors'), { recursive: true })
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
for (const { path, text } of [...pagesOfConnectors(read), pageOfHashing(read)])
  writeFileSync(join(ROOT, path), text)
