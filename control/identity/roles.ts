import { type Action, allActions } from '../platform/index.ts';

/** Bundles of actions that a person is given. Who has several may do what any of them permits. */
export const roleNames = [
  'owner',
  'administrator',
  'security',
  'developer',
  'privacy_officer',
  'auditor',
  'responder',
  'member',
] as const;
export type Role = (typeof roleNames)[number];

interface Bundle {
  /** What the role is for, as the console says it. */
  text: string;
  actions: readonly Action[];
  /** Permitted with what the person owns. */
  own: readonly Action[];
}

const reads = allActions.filter((action) => action.endsWith('.read') || action === 'message.report');
/** Who says whose word is believed about people can come in as anyone, owners too: it is for owners to say. */
const OWNERS_ONLY: readonly Action[] = ['issuer.change'];

export const roles: Readonly<Record<Role, Bundle>> = {
  owner: {
    text: 'May do everything, and is the only one who makes owners and removes them, and says who else vouches for people',
    actions: allActions,
    own: [],
  },
  administrator: {
    text: 'May do everything but make and remove owners, and say who else vouches for people',
    actions: allActions.filter((action) => !OWNERS_ONLY.includes(action)),
    own: [],
  },
  security: {
    text: 'Watches over connections, contracts, keys and logs',
    actions: [
      ...reads,
      'coverage.import',
      'coverage.change',
      'discovery.import',
      'discovery.decide',
      'pack.write',
      'connection.create',
      'connection.change',
      'connection.change_host',
      'credential.enter',
      'contract.change',
      'break_glass.ask',
      'break_glass.approve',
      'approval.decide',
      'app.write',
      'key.write',
      'inventory.import',
      'canary.change',
      'canary.report',
      'rotation.run',
      'key_alarm.acknowledge',
      'leak.report',
      'leak.decide',
      'policy.change',
      'facts.change',
      'register.change',
      'register.decide',
      'egress.change',
      'access.ask',
      'access.grant',
      'account.import',
      'account.attest',
      'residency.change',
      'chain.change',
      'incident.work',
      'message.decide',
      'obligation.change',
      'recovery.run',
      'recovery.stop',
      'severance.run',
      'severance.mark',
      'notice.approve',
      'notice.send',
      'detector.change',
      'directory.import',
      'directory.show',
      'workload.change',
      'gateway.acknowledge',
      'configuration.rollback',
      'log.change',
      'mail.change',
      'message.change_intake',
      'export.change',
      'epoch.begin',
      'projection.rebuild',
      'setting.change',
    ],
    own: [],
  },
  developer: {
    text: 'Uses connections from apps of their own',
    actions: [
      'message.report',
      'overview.read',
      'vendor.read',
      'connection.read',
      'app.read',
      'gateway.read',
      'access.ask',
      'leak.report',
      'discovery.import',
    ],
    own: ['app.write', 'key.write', 'workload.change', 'inventory.read', 'access.grant'],
  },
  privacy_officer: {
    text: 'Decides what may cross of people, how long it is kept, and erases',
    actions: [
      ...reads,
      'access.ask',
      'coverage.import',
      'coverage.change',
      'discovery.import',
      'discovery.decide',
      'register.change',
      'chain.change',
      'incident.work',
      'obligation.change',
      'severance.mark',
      'notice.approve',
      'notice.send',
      'contract.change',
      'detector.change',
      'directory.import',
      'directory.show',
      'residency.change',
      'erasure.run',
      'hold.write',
      'retention.change',
      'epoch.begin',
    ],
    own: [],
  },
  auditor: { text: 'Reads everything, may ask about messages, and changes nothing', actions: reads, own: [] },
  responder: {
    text: 'Cuts vendors and keys off in an incident',
    actions: [
      ...reads,
      'access.ask',
      'connection.change',
      'break_glass.ask',
      'break_glass.approve',
      'key.write',
      'canary.report',
      'rotation.run',
      'key_alarm.acknowledge',
      'leak.report',
      'leak.decide',
      'incident.work',
      'message.decide',
      'recovery.run',
      'recovery.stop',
      'severance.run',
      'severance.mark',
      'notice.send',
    ],
    own: [],
  },
  member: { text: 'Asks whether messages from vendors are real', actions: ['message.report'], own: [] },
};

/** What somebody with these roles may do. */
export function permissionsOf(held: readonly Role[]): {
  actions: ReadonlySet<Action>;
  ownActions: ReadonlySet<Action>;
} {
  const actions = new Set(held.flatMap((role) => roles[role].actions));
  const own = held.flatMap((role) => roles[role].own).filter((action) => !actions.has(action));
  return { actions, ownActions: new Set(own) };
}
