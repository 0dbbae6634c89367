import type { Manifest } from '../connector/types.ts'
import type { Destination } from '../spec/project.ts'
import { checkSettings } from './check-settings.ts'
import type { Scope } from './scope.ts'

/** That every destination's connector is there and takes its settings. */
export function checkDestinations(scope: Scope): void {
  for (const destination of scope.project.destinations.values()) {
    const { connector } = destination
    const manifest = scope.manifests.get(connector.value)
    if (manifest !== undefined) checkOwnSettings(scope, destination, manifest)
    else
      scope.report.error('SLU2013', {
        message: `expected the name of a connector, found "${connector.value}"`,
        at: connector.at,
        hint:
          scope.hint(connector.value, scope.manifests.keys()) ?? '`sluice connectors ls` lists what there is',
      })
  }
}

function checkOwnSettings(scope: Scope, destination: Destination, manifest: Manifest): void {
  const { at, settings, settingsAt, connector } = destination
  checkSettings(scope, {
    at,
    settings,
    missingAt: settings.size === 0 ? connector.at : settingsAt,
    known: manifest.settings,
    owner: `connector ${manifest.name}`,
    hint: `\`sluice connectors show ${manifest.name}\` lists them`,
    ways: (manifest.auth ?? []).map(({ needs }) => needs),
  })
}
