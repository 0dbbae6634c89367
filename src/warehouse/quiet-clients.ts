/**
 * What clients of warehouses read from the environment of the process only, to be set before the first is loaded. The one
 * of Snowflake would look for the cloud that it runs in by asking addresses of the local network, load native code that
 * tells of this machine, and send which keys its settings have.
 */
export const QUIET_CLIENTS: Readonly<Record<string, string>> = {
  SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
  SNOWFLAKE_DISABLE_MINICORE: 'true',
  SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: 'true',
}
