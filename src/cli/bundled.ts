import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '../base/errors.ts'

/** A folder that is shipped beside the code, such as `models/shop`; found from `src/` and from `dist/src/`. */
export function bundledFolder(path: string): string {
  for (const root of ['../../', '../../../']) {
    const folder = fileURLToPath(new URL(`${root}${path}`, import.meta.url))
    if (existsSync(folder)) return folder
  }
  throw new SluiceError('SLU9001', { message: `expected the folder ${path} beside the code, found none` })
}
