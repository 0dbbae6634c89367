import type { AuthMethod, SettingDefinition } from './types.ts'

/** Ways to ask an API of Google for this scope: as a service account, or as a person who allowed an OAuth client. */
export function googleAuth(scope: string): readonly AuthMethod[] {
  return [
    {
      kind: 'oauth2',
      needs: ['client_email', 'private_key'],
      tokenUrl: '{token_url}',
      form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
      jwt: {
        key: '{private_key}',
        claims: { iss: '{client_email}', scope: `${SCOPES}${scope}`, aud: '{token_url}' },
        // The longest that Google takes.
        lifetimeSeconds: 3600,
      },
    },
    {
      kind: 'oauth2',
      needs: ['client_id', 'client_secret', 'refresh_token'],
      tokenUrl: '{token_url}',
      form: {
        grant_type: 'refresh_token',
        client_id: '{client_id}',
        client_secret: '{client_secret}',
        refresh_token: '{refresh_token}',
      },
    },
  ]
}

/** The settings that both ways need. */
export function googleAuthSettings(scope: string): Readonly<Record<string, SettingDefinition>> {
  return {
    client_email: { type: 'text', description: 'Address of a service account, as its key file has it.' },
    private_key: {
      type: 'text',
      secret: true,
      description: 'Its private key in PEM, as the key file has it.',
    },
    client_id: { type: 'text', description: 'Of an OAuth client, to write as a person with refresh_token.' },
    client_secret: { type: 'text', secret: true, description: 'Of the OAuth client.' },
    refresh_token: {
      type: 'text',
      secret: true,
      description: `Of a person who allowed the client the scope ${scope}.`,
    },
    token_url: {
      type: 'text',
      default: 'https://oauth2.googleapis.com/token',
      description: 'Where tokens are given; another one only for a proxy or a fake.',
    },
  }
}

const SCOPES = 'https://www.googleapis.com/auth/'
