import type { PermittedAct, Role } from '../api/identity-types.ts';

/** Acts of the made-up control plane: fewer than there are. */
const acts = [
  ['overview.read', 'See the overview', false],
  ['vendor.read', 'See vendors, their packs, and what they hold', false],
  ['connection.read', 'See connections and their data contracts', false],
  ['inventory.read', 'See keys held elsewhere', false],
  ['canary.read', 'See canary keys and where their uses came from', false],
  ['canary.change', 'Plant and retire canary keys', false],
  ['coverage.read', 'See how much of the traffic to vendors is accounted for', false],
  ['coverage.import', 'Hand in vendors’ reports of use', false],
  ['coverage.change', 'Say whose keys are in them, and settle what they show', false],
  ['discovery.read', 'See evidence of vendors, and what nobody decided about yet', false],
  ['discovery.import', 'Hand in evidence of vendors', false],
  ['discovery.decide', 'Say whose the names in evidence are', false],
  ['leak.read', 'See leaked keys, where they lie, and what was scanned', false],
  ['leak.decide', 'Say what became of a leaked key, and what is done at once', false],
  ['rotation.run', 'Rotate credentials, stop and undo it', true],
  ['register.read', 'See the register of vendors: agreements, reviews, requests and files', false],
  ['register.change', 'Enter and change vendors, agreements, reviews and requests', false],
  ['register.decide', 'Say what tiers ask for, and let a connection work without it for a time', true],
  ['policy.read', 'See policies, and what they would refuse', false],
  ['policy.change', 'Change policies, and put them in force', true],
  ['access.grant', 'Grant and end exceptions from policies', true],
  ['approval.read', 'See what waits for a second person', false],
  ['approval.decide', 'Approve or refuse what another person asked for', true],
  ['vault.read', 'See which keys wrap the others, and whether they are being changed', false],
  ['rotation.read', 'See rotations of credentials, and what is due', false],
  ['issuer.change', 'Say who else vouches for people who sign in', true],
  ['workload.change', 'Say whose tokens an app exchanges for virtual keys', true],
  ['setting.read', 'See the settings', false],
  ['setting.change', 'Change the settings', false],
  ['mail.change', 'Say which mail server notices and reminders go out by', true],
  ['app.read', 'See apps and virtual keys', false],
  ['crossing.read', 'See crossings and what would have been refused', false],
  ['residency.read', 'See where vendors keep data, and on what basis', false],
  ['residency.change', 'Say where vendors keep data, and where connections have to be', false],
  ['account.read', 'See who of us has an account at which vendor, and how it is guarded', false],
  ['account.import', 'Take in exports of accounts, and visits to vendors’ consoles', false],
  ['account.attest', 'State how accounts at a vendor are guarded', true],
  ['chain.read', 'See who stands behind vendors, and what depends on whom', false],
  ['chain.change', 'Enter who stands behind vendors, take in their lists, and decide about new ones', false],
  ['policy.read', 'See policies, and what they would refuse', false],
  ['policy.change', 'Change policies, and put them in force', true],
  ['facts.change', 'Say what policies may refer to of apps and vendors', true],
  ['access.ask', 'Ask for an exception after a refusal, and see what came of it', false],
  ['access.grant', 'Grant and end exceptions from policies', true],
  ['detector.read', 'See what texts are looked through for: detectors, patterns, names of lists', false],
  ['detector.change', 'Change patterns of one’s own, register secrets, and try texts', false],
  ['directory.import', 'Take in people, organisations and words that texts are looked through for', false],
  ['directory.show', 'See the people and words in lists, which is recorded', true],
  ['incident.read', 'See incidents, and what a breach at a vendor would touch', false],
  ['incident.work', 'Open incidents, and enter what is known, done and decided in them', false],
  [
    'obligation.read',
    'See who we are for deadlines: profile, counsel’s reviews, own clocks, who is reminded',
    false,
  ],
  ['obligation.change', 'Say who we are for deadlines, what counsel reviewed, and who is reminded', false],
  ['severance.read', 'See what is cut off from vendors, and what cutting something off would do', false],
  ['severance.run', 'Cut off vendors, connections and kinds of data, and reopen them', true],
  ['severance.mark', 'Say what was ended at a vendor, with a proof', false],
  ['epoch.begin', 'Destroy a vendor’s pseudonym secret and begin a new one', true],
  ['notice.approve', 'Approve notices that somebody else wrote', true],
  ['notice.send', 'Send and export notices, and decide about mails in doubt', true],
  ['egress.read', 'See the rules of the egress proxy, and what apps talk to through it', false],
  ['egress.change', 'Change whom apps may reach through the egress proxy', true],
  ['review.read', 'See fields that no rule maps', false],
  ['log.read', 'See the logs and prove what is in them', false],
  ['connection.create', 'Connect a vendor’s service', false],
  ['connection.change', 'Change, sever and open connections', false],
  ['connection.change_host', 'Say at which host a connection’s service is', true],
  ['contract.change', 'Change data contracts, and decide about fields', false],
  ['credential.enter', 'Enter a vendor’s credential', true],
  ['app.write', 'Name apps and change them', false],
  ['key.write', 'Make, bind, limit, roll and revoke virtual keys', false],
  ['erasure.run', 'Erase what is kept of a subject', true],
  ['person.read', 'See people, their roles and sessions', false],
  ['person.invite', 'Invite people, and give them new links', true],
  ['person.change', 'Change roles, end sessions and access', true],
] as const;

function actsNamed(names: readonly string[], own: readonly string[] = []): PermittedAct[] {
  return acts
    .filter(([id]) => names.includes(id) || own.includes(id))
    .map(([id, text, sensitive]) => ({ id, text, sensitive, own: own.includes(id) }));
}

const all = acts.map(([id]) => id);
const reads = all.filter((id) => id.endsWith('.read'));

export const fakeRoles: Role[] = [
  { id: 'owner', text: 'May do everything', actions: actsNamed(all) },
  {
    id: 'administrator',
    text: 'May do everything but make owners',
    actions: actsNamed(all.filter((id) => id !== 'issuer.change')),
  },
  {
    id: 'security',
    text: 'Watches over connections and keys',
    actions: actsNamed([...reads, 'connection.change', 'credential.enter']),
  },
  {
    id: 'developer',
    text: 'Uses connections from own apps',
    actions: actsNamed(
      ['overview.read', 'vendor.read', 'connection.read', 'app.read', 'access.ask'],
      ['app.write', 'key.write', 'workload.change'],
    ),
  },
  { id: 'auditor', text: 'Reads everything', actions: actsNamed(reads) },
];
