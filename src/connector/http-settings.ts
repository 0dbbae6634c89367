import type { SettingDefinition } from './types.ts'

/** Settings of every connector over HTTP, with this address as the usual one. */
export function httpSettings(baseUrl?: string): Readonly<Record<string, SettingDefinition>> {
  return {
    base_url: {
      type: 'text',
      ...(baseUrl === undefined ? { required: true } : { default: baseUrl }),
      description: 'Where the API is; another one only for a proxy or a fake.',
    },
    allow_private_network: {
      type: 'boolean',
      default: false,
      description: 'Also lets a base_url on a private or loopback address through, over plain http too.',
    },
    timeout_seconds: {
      type: 'integer',
      default: 30,
      minimum: 1,
      maximum: 600,
      description: 'How long one request may take, answer included.',
    },
  }
}
