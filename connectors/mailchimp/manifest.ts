import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

export const MAILCHIMP_MANIFEST: Manifest = {
  name: 'mailchimp',
  title: 'Mailchimp',
  verification: 'spec-verified',
  apiVersion: '3.0',
  settings: {
    api_key: {
      type: 'text',
      secret: true,
      description: 'An API key of the account, with the data center that it ends in, as in -us21.',
    },
    access_token: {
      type: 'text',
      secret: true,
      description:
        'Instead of api_key: a token of an OAuth app, which does not expire; it needs data_center.',
    },
    data_center: {
      type: 'text',
      description: 'As in us21; what the api_key ends in when it is left out.',
    },
    ...httpSettings(),
    base_url: {
      type: 'text',
      description:
        'Where the API is, /3.0 included; that of the data center when it is left out. Another one only for a proxy or a fake.',
    },
  },
  auth: [
    { kind: 'basic', needs: ['api_key'], user: 'sluice', password: '{api_key}' },
    { kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' },
  ],
  // Ten connections at once for one user of the account; there is no limit by time.
  limits: { inFlight: 10 },
  objects: {
    members: {
      description:
        'Contacts of one audience, by e-mail address; fields are merge tags such as FNAME, and language, vip, email_type and tags.',
      keys: ['email_address'],
      keyNormalizers: { email_address: 'email' },
      modes: ['upsert', 'update', 'mirror'],
      idempotent: true,
      carriesSyncName: false,
      example: { field: 'FNAME' },
      remove: 'delete',
      removal:
        'Archived: it leaves the audience and keeps its history; who comes back is not subscribed again.',
      erasure:
        'Deleted for good, with all its data. Mailchimp then refuses the address for ever: it cannot be imported again.',
      // One request a row: as many as are answered well within the time that a run gives a batch.
      batch: { maxItems: 50, maxBytes: 1024 * 1024 },
      settings: {
        audience: {
          type: 'text',
          required: true,
          description: 'Id of the audience (list), as in its settings under Audience name and defaults.',
        },
        status_if_new: {
          type: 'text',
          default: 'transactional',
          description:
            'What a new contact becomes: transactional (not subscribed), subscribed (only with their consent), pending (Mailchimp asks them by e-mail) or unsubscribed.',
        },
        status_if_archived: {
          type: 'text',
          default: 'transactional',
          description:
            'What a contact becomes that was archived and comes back: transactional, pending or unsubscribed. Not subscribed, since Mailchimp does not tell who had unsubscribed before.',
        },
      },
    },
  },
  sources: [
    { url: 'https://mailchimp.com/developer/marketing/api/list-members/', read: '2026-11-26' },
    { url: 'https://mailchimp.com/developer/marketing/docs/errors/', read: '2026-11-26' },
    { url: 'https://mailchimp.com/developer/marketing/docs/fundamentals/', read: '2026-11-26' },
  ],
}
