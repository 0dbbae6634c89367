import type { Clock } from '../base/clock.ts'
import { registerSecret } from '../base/redact.ts'
import { resolveEnvText } from '../spec/env.ts'
import type { Target } from '../spec/project.ts'
import { openWarehouse } from '../warehouse/open.ts'
import { QUIET_CLIENTS } from '../warehouse/quiet-clients.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Environment } from './flags.ts'

/** Settings of a target whose value is never printed. */
const SECRET_SETTING = /password|secret|token|private_key$|keyfile_json|passphrase/

/** Opens the target's warehouse: reads the environment that its settings name, and hides what is secret. */
export async function connectTarget(
  target: Target,
  run: {
    readonly env: Environment
    readonly directory: string
    readonly runId: string
    readonly clock: Clock
  },
  project: string,
  waitMs?: number,
): Promise<Warehouse> {
  const settings = new Map<string, string | number | boolean>()
  for (const [name, setting] of target.settings) {
    const value = typeof setting === 'object' ? resolveEnvText(setting, run.env) : setting
    if (SECRET_SETTING.test(name)) registerSecret(String(value))
    settings.set(name, value)
  }
  for (const [name, value] of Object.entries(QUIET_CLIENTS)) process.env[name] ??= value
  return openWarehouse({
    type: target.type.value,
    directory: run.directory,
    settings,
    runId: run.runId,
    stateSchema: target.stateSchema,
    clock: run.clock,
    project,
    ...(waitMs === undefined ? {} : { waitMs }),
  })
}
