import type { ConnectorEntry } from '../src/connector/types.ts'
import { BRAZE_MANIFEST } from './braze/manifest.ts'
import { COMMAND_MANIFEST } from './command/manifest.ts'
import { CUSTOMERIO_MANIFEST } from './customerio/manifest.ts'
import { FILE_MANIFEST } from './file/manifest.ts'
import { GOOGLE_ADS_MANIFEST } from './google-ads/manifest.ts'
import { GOOGLE_SHEETS_MANIFEST } from './google-sheets/manifest.ts'
import { HTTP_MANIFEST } from './http/manifest.ts'
import { HUBSPOT_MANIFEST } from './hubspot/manifest.ts'
import { INTERCOM_MANIFEST } from './intercom/manifest.ts'
import { ITERABLE_MANIFEST } from './iterable/manifest.ts'
import { KLAVIYO_MANIFEST } from './klaviyo/manifest.ts'
import { LINKEDIN_MANIFEST } from './linkedin/manifest.ts'
import { MAILCHIMP_MANIFEST } from './mailchimp/manifest.ts'
import { META_MANIFEST } from './meta/manifest.ts'
import { MICROSOFT_ADS_MANIFEST } from './microsoft-ads/manifest.ts'
import { PINTEREST_MANIFEST } from './pinterest/manifest.ts'
import { POSTGRES_MANIFEST } from './postgres/manifest.ts'
import { SALESFORCE_MANIFEST } from './salesforce/manifest.ts'
import { SLACK_MANIFEST } from './slack/manifest.ts'
import { TIKTOK_MANIFEST } from './tiktok/manifest.ts'
import { ZENDESK_MANIFEST } from './zendesk/manifest.ts'

/** Every connector by the name that projects use. Manifests are data; code is loaded when a sync needs it. */
export const CONNECTORS: ReadonlyMap<string, ConnectorEntry> = new Map(
  [
    {
      manifest: HUBSPOT_MANIFEST,
      load: async () => (await import('./hubspot/index.ts')).connector,
      loadFake: async () => (await import('./hubspot/fake.ts')).startFake,
    },
    {
      manifest: SALESFORCE_MANIFEST,
      load: async () => (await import('./salesforce/index.ts')).connector,
      loadFake: async () => (await import('./salesforce/fake.ts')).startFake,
    },
    {
      manifest: KLAVIYO_MANIFEST,
      load: async () => (await import('./klaviyo/index.ts')).connector,
      loadFake: async () => (await import('./klaviyo/fake.ts')).startFake,
    },
    {
      manifest: BRAZE_MANIFEST,
      load: async () => (await import('./braze/index.ts')).connector,
      loadFake: async () => (await import('./braze/fake.ts')).startFake,
    },
    {
      manifest: CUSTOMERIO_MANIFEST,
      load: async () => (await import('./customerio/index.ts')).connector,
      loadFake: async () => (await import('./customerio/fake.ts')).startFake,
    },
    {
      manifest: ITERABLE_MANIFEST,
      load: async () => (await import('./iterable/index.ts')).connector,
      loadFake: async () => (await import('./iterable/fake.ts')).startFake,
    },
    {
      manifest: MAILCHIMP_MANIFEST,
      load: async () => (await import('./mailchimp/index.ts')).connector,
      loadFake: async () => (await import('./mailchimp/fake.ts')).startFake,
    },
    {
      manifest: INTERCOM_MANIFEST,
      load: async () => (await import('./intercom/index.ts')).connector,
      loadFake: async () => (await import('./intercom/fake.ts')).startFake,
    },
    {
      manifest: ZENDESK_MANIFEST,
      load: async () => (await import('./zendesk/index.ts')).connector,
      loadFake: async () => (await import('./zendesk/fake.ts')).startFake,
    },
    {
      manifest: META_MANIFEST,
      load: async () => (await import('./meta/index.ts')).connector,
      loadFake: async () => (await import('./meta/fake.ts')).startFake,
    },
    {
      manifest: GOOGLE_ADS_MANIFEST,
      load: async () => (await import('./google-ads/index.ts')).connector,
      loadFake: async () => (await import('./google-ads/fake.ts')).startFake,
    },
    {
      manifest: TIKTOK_MANIFEST,
      load: async () => (await import('./tiktok/index.ts')).connector,
      loadFake: async () => (await import('./tiktok/fake.ts')).startFake,
    },
    {
      manifest: LINKEDIN_MANIFEST,
      load: async () => (await import('./linkedin/index.ts')).connector,
      loadFake: async () => (await import('./linkedin/fake.ts')).startFake,
    },
    {
      manifest: MICROSOFT_ADS_MANIFEST,
      load: async () => (await import('./microsoft-ads/index.ts')).connector,
      loadFake: async () => (await import('./microsoft-ads/fake.ts')).startFake,
    },
    {
      manifest: PINTEREST_MANIFEST,
      load: async () => (await import('./pinterest/index.ts')).connector,
      loadFake: async () => (await import('./pinterest/fake.ts')).startFake,
    },
    {
      manifest: HTTP_MANIFEST,
      load: async () => (await import('./http/index.ts')).connector,
      loadFake: async () => (await import('./http/fake.ts')).startFake,
    },
    {
      manifest: POSTGRES_MANIFEST,
      load: async () => (await import('./postgres/index.ts')).connector,
      loadFake: async () => (await import('./postgres/fake.ts')).startFake,
    },
    {
      manifest: SLACK_MANIFEST,
      load: async () => (await import('./slack/index.ts')).connector,
      loadFake: async () => (await import('./slack/fake.ts')).startFake,
    },
    {
      manifest: GOOGLE_SHEETS_MANIFEST,
      load: async () => (await import('./google-sheets/index.ts')).connector,
      loadFake: async () => (await import('./google-sheets/fake.ts')).startFake,
    },
    {
      manifest: COMMAND_MANIFEST,
      load: async () => (await import('./command/index.ts')).connector,
      loadFake: async () => (await import('./command/fake.ts')).startFake,
    },
    {
      manifest: FILE_MANIFEST,
      load: async () => (await import('./file/index.ts')).connector,
      loadFake: async () => (await import('./file/fake.ts')).startFake,
    },
  ].map((entry: ConnectorEntry) => [entry.manifest.name, entry]),
)
