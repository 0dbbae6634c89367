import type { SettingDefinition } from './types.ts'

/** Settings of every connector over HTTP, with this address as the usual one. */
export function httpSettings(baseUrl?: string): Readonly<Record<string, SettingDefinition>> {
  return {
    base_url: {
      type: 'text',
      ...(baseUrl === undefined ? { required: true } : { default: baseUrl }),
      description: 'Where the API is; another one only for a proxy or a fake.',
    },
    ...NETWORK_SETTINGS,
  }
}

/** How far a connection may go, and how long it may take: of every connector that makes one. */
export const NETWORK_SETTINGS: Readonly<Record<string, SettingDefinition>> = {
  allow_private_network: {
    type: 'boolean',
    default: false,
    description: 'Also lets private and loopback addresses through, and plain http to such addresses only.',
  },
  timeout_seconds: {
    type: 'integer',
    default: 30,
    minimum: 1,
    maximum: 600,
    description: 'How long one request may take, answer included.',
  },
}
