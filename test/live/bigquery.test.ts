import { liveChain } from './live.ts'

liveChain({ type: 'bigquery', dropSchema: (schema) => [`drop schema if exists ${schema} cascade`] })
