import { plural } from '../../design/format.ts';

export const configuration = {
  tab: 'Configuration history',
  title: (version: number) => `Configuration ${version} is in force`,
  lead: 'Every version that gateways were given, with who changed what and why. Secrets are in none of them.',
  none: 'No configuration was published yet',
  noneLead: 'The first one is published when Drawbridge starts; look again in a moment.',
  example: 'Version 12: Mixpanel EU was severed, by Ada, because “They were breached”',
  version: 'Version',
  published: 'Published',
  what: 'What is otherwise',
  who: 'Who',
  why: 'Why',
  inForce: 'in force',
  first: 'The oldest that is kept: what was before it is not known.',
  same: 'Nothing that gateways run on: it was published above a version that a gateway had.',
  more: (count: number) => `and ${count} more`,
  noCause: 'No person’s change: the program’s own',
  back: 'All versions',

  one: {
    title: (version: number, inForce: boolean) =>
      inForce ? `Configuration ${version}, in force now` : `Configuration ${version}`,
    lead: (before: number) => `How it differs from version ${before}, and what led to it.`,
    differences: 'What is otherwise',
    differencesCount: (count: number) => plural(count, 'difference', 'differences'),
    changes: 'What led to it',
    facts: 'This version',
    hash: 'Content hash',
    hashHint: 'SHA-256 of all that is in it; of secrets, which one it is.',
    subjects: {
      connection: 'Connection',
      key: 'Key',
      vendor: 'Vendor',
      names: 'Names',
    } as Record<string, string>,
  },

  rollback: {
    open: 'Go back to this version',
    title: (version: number) => `Go back to configuration ${version}`,
    lead: 'The settings of then are written again, and a new version is published. Every gateway has it within a second. It can be undone in the same way.',
    putBack: 'What is put back',
    nothing: 'Nothing: the settings of then are those of now.',
    stays: 'What stays as it is',
    staysNothing: 'Nothing stays different.',
    reopen: 'Open connections again that were open then and are severed now',
    submit: (version: number) => `Go back to ${version}`,
    done: (version: number) => `The settings of configuration ${version} are in force again.`,
  },

  gateways: 'Gateways',
  gatewaysLead:
    'Each keeps the last good configuration on its own disk and serves from it, whatever happens here.',
  gatewayTable: 'Configuration of each gateway',
  gateway: 'Gateway',
  runsOn: 'Runs on',
  wanted: 'In force',
  lastSeen: 'Last seen',
  waiting: 'Records waiting',
  refusal: 'Refused',
  about: {
    table: 'Workers, TLS and journal of each gateway',
    heads: ['Gateway', 'Workers', 'Apps reach it over', 'A request goes out', 'Outbound proxy'],
    workers: (serving: number, wanted: number) =>
      serving < wanted ? `${serving} of ${wanted} serve` : `${serving} serve`,
    plain: 'plain HTTP',
    issuedBy: (issuer: string) => `issued by ${issuer}`,
    ends: 'Ends',
    ended: 'Ended',
    clientCertificates: 'Apps must show a certificate of their own.',
    durability: {
      synced: 'once its record would outlive a power failure',
      written: 'once its record would outlive our process, not a power failure',
    },
    proxy: 'yes',
    noProxy: 'no',
    certificateSoon: (name: string, when: string) =>
      `The certificate of gateway ${name} ends ${when}. Put a new one in its place: the gateway reads it without a restart.`,
    certificateOver: (name: string, when: string) =>
      `The certificate of gateway ${name} ended ${when}: apps refuse to connect. Put a new one in its place: the gateway reads it without a restart.`,
    reached: 'Apps reach it over',
    reachedTls: (subject: string, ends: string) => `TLS, as ${subject}; the certificate ends ${ends}`,
    reachedPlain: 'plain HTTP',
    reachedUnknown: 'unknown: the gateway does not say',
    noGateway: 'unknown: no gateway has reported yet',
  },
  noGateway: 'No gateway has reported yet.',
  refusedVersion: (version: number) => `version ${version}`,
  history: 'Configuration history',
  gatewayRefuses: (
    name: string,
    refused: { version: number; text: string; field: string | null },
    runsOn: number | null,
    since: string,
  ) =>
    `Gateway ${name} refuses configuration ${refused.version} since ${since}: ${refused.text}${refused.field === null ? '' : ` (${refused.field})`} It serves on with ${runsOn === null || runsOn === 0 ? 'none' : `version ${runsOn}`}.`,
} as const;
