import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pagesOfConnectors } from './pages.ts'

// npm run docs: writes the pages that are made from manifests.
const ROOT = dirname(import.meta.dirname)
mkdirSync(join(ROOT, 'docs/connectors'), { recursive: true })
for (const { path, text } of pagesOfConnectors((file) => readFileSync(join(ROOT, file), 'utf8')))
  writeFileSync(join(ROOT, path), text)
