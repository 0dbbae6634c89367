import { JOB_CASES } from './cases/jobs.ts'
import { declare } from './declare.ts'

declare(JOB_CASES)
