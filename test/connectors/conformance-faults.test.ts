import { FAULT_CASES } from './cases/faults.ts'
import { declare } from './declare.ts'

declare(FAULT_CASES)
