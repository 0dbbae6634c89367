import { liveChain } from './live.ts'

liveChain({ type: 'postgres', dropSchema: (schema) => [`drop schema if exists ${schema} cascade`] })
