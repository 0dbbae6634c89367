/**
 * Loaded before the command line, by `--import`, in tests: there is one more connector then, and it takes jobs. The
 * registry is one for the process, so that nothing of the command line knows of it.
 */
import { CONNECTORS } from '../../connectors/index.ts'
import type { ConnectorEntry } from '../../src/connector/types.ts'
import { JOBS_ENTRY } from './async-destination.ts'

;(CONNECTORS as Map<string, ConnectorEntry>).set('jobs', JOBS_ENTRY)
