import type { KeyAlarm, Rotation, RotationDue } from '../api/rotation-types.ts';
import type { Connection } from '../api/types.ts';
import type { World } from './fake-world.ts';

/** Rotations of the made-up control plane. */

const day = 86_400_000;
const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

const ofConnection = ({ id, name, vendor, service }: Connection) => ({ id, name, vendor, service });

/** OpenAI's is overdue, others are young. */
export function fakeDue(connections: readonly Connection[]): RotationDue[] {
  return connections
    .map((connection): RotationDue => {
      const ageDays = connection.vendor === 'openai' ? 112 : 30;
      const due = ageDays > 90;
      return {
        connection: ofConnection(connection),
        version: 1,
        enteredAt: ago(ageDays * day),
        ageDays,
        everyDays: 90,
        ownPolicy: false,
        automatic: false,
        dueAt: ago((ageDays - 90) * day),
        due,
        why: due ? { kind: 'age', at: ago((ageDays - 90) * day), reason: 'It is older than 90 days.' } : null,
        rotation: null,
        admin:
          connection.vendor === 'openai'
            ? {
                credential: 'An admin key (sk-admin-…) of the organisation',
                parameters: [{ id: 'project', label: 'Project id', example: 'proj_abc123' }],
                refs: [{ id: 'key', label: 'Id of the key (key_…)' }],
                entered: { at: ago(day), by: 'Ada Example', host: 'api.openai.com' },
                knowsOldKey: false,
              }
            : null,
      };
    })
    .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
}

export function fakeRotation(connection: Connection, given: Partial<Rotation> = {}): Rotation {
  return {
    id: `rotation_of_${connection.id}`,
    connection: ofConnection(connection),
    how: 'api',
    step: 'create',
    since: ago(4 * 60_000),
    needs: null,
    needsText: null,
    said: null,
    failed: 0,
    fromVersion: 1,
    toVersion: null,
    plan: { share: 100, canarySeconds: 600, canaryAnswers: 20, overlapSeconds: 86_400 },
    seen: { answered: 0, refused: 0, oldLastAt: ago(2_000) },
    canRollBack: true,
    canGoOn: false,
    manual: {
      url: 'https://vendor.example.com/keys',
      text: 'In the settings under "API keys", create a key. Delete the old one in the same list.',
    },
    reason: 'It is due',
    startedAt: ago(4 * 60_000),
    startedBy: 'Ada Example',
    endedAt: null,
    ...given,
  };
}

export function fakeAlarm(connection: Connection): KeyAlarm {
  return {
    id: 'alarm_1',
    kind: 'foreign_use',
    about: { kind: 'connection', id: connection.id },
    vendor: connection.vendor,
    text: `The old key of ${connection.name} (version 1) was used by somebody else. Find out who holds it, then let the rotation go on: it deletes the key.`,
    evidence: { version: 1 },
    raisedAt: ago(60_000),
    firstAt: ago(120_000),
    lastAt: ago(120_000),
    times: 1,
    acknowledged: null,
  };
}

interface Asked {
  method: string;
  path: string;
  body: unknown;
  tell: (topic: string) => void;
}

/** What is answered about rotations; null: it is about something else. */
export function fakeRotationAnswer(
  world: World,
  { method, path, body, tell }: Asked,
): { status: number; body?: unknown } | null {
  const given = (body ?? {}) as Record<string, unknown>;
  if (method === 'GET') {
    if (path === '/rotations') return { status: 200, body: { items: world.rotations } };
    if (path === '/rotations-due') return { status: 200, body: { items: world.rotationsDue } };
    if (path === '/key-alarms') return { status: 200, body: { items: world.keyAlarms, next: null } };
    return null;
  }
  tell('rotations');
  const started = /^\/connections\/([^/]+)\/rotations$/.exec(path)?.[1];
  const connection = world.connections.find(({ id }) => id === started);
  if (connection !== undefined) {
    const made = fakeRotation(connection, {
      how: given.how === 'api' ? 'api' : 'guided',
      reason: String(given.reason),
    });
    world.rotations.unshift(made);
    for (const due of world.rotationsDue) if (due.connection.id === started) due.rotation = made.id;
    return { status: 201, body: made };
  }
  const [, id, what] = /^\/rotations\/([^/]+)\/(say|credential)$/.exec(path) ?? [];
  const rotation = world.rotations.find((one) => one.id === id);
  if (rotation !== undefined && what === 'credential')
    Object.assign(rotation, { step: 'probe', needs: null, needsText: null, toVersion: 2 });
  if (rotation !== undefined && what === 'say')
    Object.assign(rotation, { step: 'clean_up', needs: null, needsText: null, canRollBack: false });
  if (rotation !== undefined) return { status: 200, body: rotation };
  if (/^\/key-alarms\/[^/]+\/acknowledge$/.test(path)) {
    const [alarm] = world.keyAlarms.splice(0, 1);
    tell('alarms');
    return { status: 200, body: alarm };
  }
  return /^\/connections\/[^/]+\/vendor-admin$/.test(path) ? { status: 204 } : null;
}
