import { GOOGLE } from './google.ts'
import { LINKEDIN } from './linkedin.ts'
import { META } from './meta.ts'
import { MICROSOFT } from './microsoft.ts'
import { PINTEREST } from './pinterest.ts'
import { TIKTOK } from './tiktok.ts'
import type { Vectors } from './vector.ts'

/** Of every ruleset, by its name. */
export const VECTORS: Vectors = { ...GOOGLE, ...META, ...TIKTOK, ...PINTEREST, ...MICROSOFT, ...LINKEDIN }
