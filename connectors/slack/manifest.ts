import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

export const SLACK_MANIFEST: Manifest = {
  name: 'slack',
  title: 'Slack',
  verification: 'spec-verified',
  sources: [
    { url: 'https://docs.slack.dev/reference/methods/chat.postMessage', read: '2026-11-26' },
    { url: 'https://docs.slack.dev/apis/web-api/rate-limits', read: '2026-11-26' },
  ],
  settings: {
    token: {
      type: 'text',
      required: true,
      secret: true,
      description: 'Bot token of an app with chat:write, that is in the channel.',
    },
    ...httpSettings('https://slack.com/api'),
  },
  auth: [{ kind: 'header', needs: ['token'], name: 'authorization', value: 'Bearer {token}' }],
  // One message a second and channel.
  limits: { requestsPerSecond: 1 },
  objects: {
    messages: {
      description: 'Messages that say how many rows came, changed and left. No value of a row is sent.',
      keys: undefined,
      keyNormalizers: {},
      modes: ['upsert', 'mirror'],
      // Each request is a message, whatever it says.
      idempotent: false,
      carriesSyncName: true,
      settings: {
        channel: {
          type: 'text',
          required: true,
          description: 'Id of the channel, or its name; the id stays when the channel is renamed.',
        },
        text: {
          type: 'text',
          default: '{sync}: {added} added, {changed} changed, {removed} removed',
          description: 'The message; {sync}, {added}, {changed} and {removed} are filled in.',
        },
      },
      remove: 'delete',
      removal: 'It is counted; no message is taken back.',
      // Nothing of the rows is sent, so a batch is as large as a process holds with ease, to make one message of a run.
      batch: { maxItems: 100_000, maxBytes: 64 * 1024 * 1024 },
    },
  },
}
