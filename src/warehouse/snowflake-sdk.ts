import type Snowflake from 'snowflake-sdk'
import { clientPackage } from './client-package.ts'

export type Sdk = typeof Snowflake

/** Snowflake's own client, silent, and loaded once. Throws SLU3020 where it is not installed. */
export function loadSdk(): Promise<Sdk> {
  loaded ??= load()
  return loaded
}

let loaded: Promise<Sdk> | undefined

async function load(): Promise<Sdk> {
  const { default: sdk } = await clientPackage('snowflake-sdk', () => import('snowflake-sdk'))
  sdk.configure({ logLevel: 'OFF', customLogger: SILENT, useEnvProxy: true })
  return sdk
}

/** What it logs may hold statements with values of rows. */
const SILENT = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  trace: () => {},
}
