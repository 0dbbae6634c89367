import { liveChain } from './live.ts'

liveChain({ type: 'redshift', dropSchema: (schema) => [`drop schema if exists ${schema} cascade`] })
