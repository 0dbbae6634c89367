import { BATCH_CASES } from './cases/batches.ts'
import { ENGINE_CASES } from './cases/engine.ts'
import { declare } from './declare.ts'

declare([...ENGINE_CASES, ...BATCH_CASES])
