import { liveChain } from './live.ts'

liveChain({
  type: 'databricks',
  dropSchema: (schema) => [`drop schema if exists \`${schema}\` cascade`],
})
