import { DestinationError } from '../../src/connector/errors.ts'
import type { ConnectorFake } from '../../src/connector/types.ts'

/**
 * There is none: a fake that reads SQL would prove nothing of PostgreSQL. Tests have a real server instead, and
 * `--sandbox` says that it cannot play this one.
 */
export async function startFake(): Promise<ConnectorFake> {
  throw new DestinationError('stop', {
    message: 'expected a connector that can be played, found postgres, which needs a real database',
  })
}
