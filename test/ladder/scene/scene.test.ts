import { playsTheSame } from './same-scene.ts'

/** The two engines that are here themselves; `npm run scene` plays it on what stands in for the others too. */
playsTheSame(['duckdb', 'postgres'])
