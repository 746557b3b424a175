/**
 * What people, tokens and commands can be permitted to do: one line each, in the words that a list of rights shows.
 * `sensitive` acts ask for a factor used within five minutes, whoever asks.
 */
const catalogue = {
  'overview.read': { text: 'See the overview' },
  'vendor.read': { text: 'See vendors, their packs, and what they hold' },
  'coverage.read': { text: 'See how much of the traffic to vendors is accounted for' },
  'coverage.import': { text: 'Hand in vendors’ reports of use' },
  'coverage.change': { text: 'Say whose keys are in them, and settle what they show' },
  'discovery.read': { text: 'See evidence of vendors, and what nobody decided about yet' },
  'discovery.import': { text: 'Hand in evidence of vendors' },
  'discovery.decide': { text: 'Say whose the names in evidence are' },
  'pack.write': { text: 'Enter and change packs of one’s own' },
  'connection.read': { text: 'See connections and their data contracts' },
  'connection.create': { text: 'Connect a vendor’s service' },
  'connection.change': { text: 'Change, sever and open connections' },
  'connection.change_host': { text: 'Say at which host a connection’s service is', sensitive: true },
  'credential.enter': { text: 'Enter a vendor’s credential', sensitive: true },
  'contract.change': { text: 'Change data contracts, and decide about fields' },
  'approval.read': { text: 'See what waits for a second person' },
  'approval.decide': { text: 'Approve or refuse what another person asked for', sensitive: true },
  'break_glass.ask': { text: 'Ask for an emergency, and end one' },
  'break_glass.approve': { text: 'Approve an emergency that another person asked for', sensitive: true },
  'app.read': { text: 'See apps and virtual keys' },
  'app.write': { text: 'Name apps and change them' },
  'inventory.read': { text: 'See what keys may do and do, and keys that are held elsewhere' },
  'inventory.import': { text: 'Import lists of keys that are held elsewhere' },
  'canary.read': { text: 'See canary keys and where their uses came from' },
  'canary.change': { text: 'Plant and retire canary keys' },
  'canary.report': { text: 'Report that a canary key was used elsewhere' },
  'key.write': { text: 'Make, bind, limit, roll and revoke virtual keys' },
  'rotation.read': { text: 'See rotations of credentials, and what is due' },
  'rotation.run': { text: 'Rotate credentials, stop and undo it', sensitive: true },
  'key_alarm.read': { text: 'See uses of keys by somebody who is not us' },
  'key_alarm.acknowledge': { text: 'Acknowledge the use of a key by somebody who is not us' },
  'leak.read': { text: 'See leaked keys, where they lie, and what was scanned' },
  'leak.report': { text: 'Report what a scan of files and repositories found' },
  'leak.decide': { text: 'Say what became of a leaked key, and what is done at once' },
  'crossing.read': { text: 'See crossings and what would have been refused' },
  'register.read': { text: 'See the register of vendors: agreements, reviews, requests and files' },
  'register.change': { text: 'Enter and change vendors, agreements, reviews and requests' },
  'register.decide': {
    text: 'Say what tiers ask for, and let a connection work without it for a time',
    sensitive: true,
  },
  'policy.read': { text: 'See policies, and what they would refuse' },
  'policy.change': { text: 'Change policies, and put them in force', sensitive: true },
  'facts.change': { text: 'Say what policies may refer to of apps and vendors', sensitive: true },
  'access.ask': { text: 'Ask for an exception after a refusal, and see what came of it' },
  'access.grant': { text: 'Grant and end exceptions from policies', sensitive: true },
  'egress.read': { text: 'See the rules of the egress proxy, and what apps talk to through it' },
  'egress.change': { text: 'Change whom apps may reach through the egress proxy', sensitive: true },
  'review.read': { text: 'See fields that no rule maps' },
  'gateway.read': { text: 'See gateways and the configuration they run on' },
  'gateway.acknowledge': { text: 'Acknowledge that a gateway’s log contradicts what is stored' },
  'configuration.rollback': { text: 'Go back to an earlier configuration', sensitive: true },
  'log.read': { text: 'See the logs and prove what is in them' },
  'log.change': { text: 'Begin logs anew, and name the witnesses', sensitive: true },
  'detector.read': { text: 'See what texts are looked through for: detectors, patterns, names of lists' },
  'detector.change': { text: 'Change patterns of one’s own, register secrets, and try texts' },
  'directory.import': { text: 'Take in people, organisations and words that texts are looked through for' },
  'directory.show': { text: 'See the people and words in lists, which is recorded', sensitive: true },
  'erasure.read': { text: 'See erasures and legal holds' },
  'erasure.run': { text: 'Erase what is kept of a subject', sensitive: true },
  'hold.write': { text: 'Set and lift legal holds', sensitive: true },
  'retention.read': { text: 'See how long crossings are kept' },
  'retention.change': { text: 'Change how long crossings are kept', sensitive: true },
  'export.read': { text: 'Export events for a SIEM' },
  'export.change': { text: 'Say where events are pushed to', sensitive: true },
  'epoch.begin': { text: 'Destroy a vendor’s pseudonym secret and begin a new one', sensitive: true },
  'vault.read': { text: 'See which keys wrap the others, and whether they are being changed' },
  'projection.rebuild': { text: 'Compute what is known of traffic anew' },
  'workload.change': { text: 'Say whose tokens an app exchanges for virtual keys', sensitive: true },
  'issuer.change': { text: 'Say who else vouches for people who sign in', sensitive: true },
  'setting.read': { text: 'See the settings' },
  'setting.change': { text: 'Change the settings' },
  'mail.change': { text: 'Say which mail server notices and reminders go out by', sensitive: true },
  'person.read': { text: 'See people, their roles and sessions' },
  'person.invite': { text: 'Invite people, and give them new links', sensitive: true },
  'person.change': { text: 'Change roles, end sessions and access', sensitive: true },
  'residency.read': { text: 'See where vendors keep data, and on what basis' },
  'residency.change': { text: 'Say where vendors keep data, and where connections have to be' },
  'incident.read': { text: 'See incidents, and what a breach at a vendor would touch' },
  'incident.work': { text: 'Open incidents, and enter what is known, done and decided in them' },
  'chain.read': { text: 'See who stands behind vendors, and what depends on whom' },
  'chain.change': { text: 'Enter who stands behind vendors, take in their lists, and decide about new ones' },
  'account.read': { text: 'See who of us has an account at which vendor, and how it is guarded' },
  'account.import': { text: 'Take in exports of accounts, and visits to vendors’ consoles' },
  'account.attest': { text: 'State how accounts at a vendor are guarded', sensitive: true },
} as const satisfies Record<string, { text: string; sensitive?: true }>;

export type Action = keyof typeof catalogue;

export interface ActionText {
  /** What it permits, as a list of rights says it. */
  text: string;
  sensitive?: true;
}

export const actions: Readonly<Record<Action, ActionText>> = catalogue;

/** Every action, in the order of the catalogue. */
export const allActions = Object.keys(catalogue) as readonly Action[];
