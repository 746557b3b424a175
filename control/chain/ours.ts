import { type Edge, type Scope, scopes, US } from './graph.ts';

interface Seen {
  vendor: string;
  firstAt: Date;
  lastAt: Date;
}

/** What this deployment itself holds of vendors that we use. */
export interface Ours {
  /** To which something crossed, with the field classes. */
  crossed: readonly (Seen & { classes: readonly string[] })[];
  connections: readonly { vendor: string; createdAt: string }[];
  /** At which people of ours have accounts. */
  accounts: readonly Seen[];
  /** Parties that vendors' own consoles were seen to call. */
  consoles: readonly {
    vendor: string;
    party: string;
    firstAt: Date;
    lastAt: Date;
    /** The day of the newest visit, where that did not show it. */
    notSeenIn: string | null;
  }[];
}

/**
 * Our own links: to what something crossed is observed; that there is a connection, or that people have accounts there, is
 * declared, and the vendor then holds metadata of accounts. One edge per vendor and layer. From a vendor to whom its console was
 * seen to call it is observed, and metadata of accounts goes over it. `now`: ms.
 */
export function ourEdges({ crossed, connections, accounts, consoles }: Ours, now: number): Edge[] {
  const observed = crossed.map((seen) =>
    edgeTo(seen, 'observed', scopesOf(seen.classes), { kind: 'gateway', text: 'Crossings at the gateway' }),
  );
  const byVendor = new Map<string, Edge>();
  for (const { vendor, createdAt } of connections) {
    const seen = { vendor, firstAt: new Date(createdAt), lastAt: new Date(now) };
    const known = byVendor.get(vendor);
    const made = edgeTo(seen, 'declared', [], { kind: 'connection', text: 'A connection of ours' });
    if (known === undefined || made.firstSeenAt < known.firstSeenAt) byVendor.set(vendor, made);
  }
  for (const seen of accounts) {
    const known = byVendor.get(seen.vendor);
    const made = edgeTo(seen, 'declared', ['account_metadata'], {
      kind: 'accounts',
      text: known === undefined ? 'Accounts of our people' : 'A connection and accounts of our people',
    });
    const first = known !== undefined && known.firstSeenAt < made.firstSeenAt ? known : made;
    byVendor.set(seen.vendor, { ...made, firstSeenAt: first.firstSeenAt });
  }
  const behind = consoles.map(({ vendor, party, firstAt, lastAt, notSeenIn }) => ({
    ...edgeTo({ vendor: party, firstAt, lastAt }, 'observed', ['account_metadata'], {
      kind: 'evidence',
      text: 'Visits to its console',
    }),
    from: vendor,
    note: notSeenIn === null ? null : `Not seen in the visit of ${notSeenIn}.`,
  }));
  return [...observed, ...byVendor.values(), ...behind];
}

function edgeTo(seen: Seen, layer: Edge['layer'], over: readonly Scope[], source: Edge['source']): Edge {
  return {
    id: null,
    from: US,
    to: seen.vendor,
    layer,
    scopes: over,
    source,
    firstSeenAt: seen.firstAt,
    lastSeenAt: seen.lastAt,
    validFrom: null,
    validUntil: null,
    conditions: [],
    conditionsText: null,
    note: null,
  };
}

/** Texts and files are content; all else that apps send of people and events is telemetry. */
function scopesOf(classes: readonly string[]): Scope[] {
  const found = new Set<Scope>(
    classes.flatMap((one): Scope[] => {
      if (one.startsWith('content.') || one.startsWith('file.')) return ['content'];
      return one.startsWith('model.') ? [] : ['telemetry'];
    }),
  );
  return scopes.filter((scope) => found.has(scope));
}
