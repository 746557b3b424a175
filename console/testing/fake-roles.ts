import type { PermittedAct, Role } from '../api/identity-types.ts';

/** Acts of the made-up control plane: fewer than there are. */
const acts = [
  ['overview.read', 'See the overview', false],
  ['connection.create', 'Connect a vendor’s service', false],
  ['connection.change', 'Change, sever and open connections', false],
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

export const fakeRoles: Role[] = [
  { id: 'owner', text: 'May do everything', actions: actsNamed(all) },
  { id: 'administrator', text: 'May do everything but make owners', actions: actsNamed(all) },
  {
    id: 'security',
    text: 'Watches over connections and keys',
    actions: actsNamed(['overview.read', 'connection.change', 'credential.enter', 'person.read']),
  },
  {
    id: 'developer',
    text: 'Uses connections from own apps',
    actions: actsNamed(['overview.read'], ['app.write', 'key.write']),
  },
  { id: 'auditor', text: 'Reads everything', actions: actsNamed(['overview.read', 'person.read']) },
];
