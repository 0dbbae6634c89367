import { liveChain } from './live.ts'

liveChain({ type: 'snowflake', dropSchema: (schema) => [`drop schema if exists ${schema} cascade`] })
