import { createHash } from 'node:crypto';
import {
  type AppFacts,
  type Connection,
  type EgressConfig,
  type Grant,
  PHRASE_BYTES,
  type Route,
  type Service,
  type VendorFacts,
  type VirtualKey,
} from '@drawbridge/protocol';
import type { FormerPolicy } from '../policy/index.ts';
import type { Content } from './content.ts';

/** A connection as the history keeps it. The rules of a contract version never change and lie in its own table. */
export type FormerConnection = Omit<Connection, 'credential' | 'contract' | 'rotation'> & {
  credential: Omit<NonNullable<Connection['credential']>, 'sealed'> | null;
  rotation?: { second: { id: string; version: number; share: number } | null };
  contract: { id: string; version: number };
};
/** A virtual key as the history keeps it. */
export type FormerKey = Omit<VirtualKey, 'hash'>;

/** One part of a published version: what is kept once for all versions that have it. Holds no secret. */
export type Part =
  | { kind: 'connection'; value: FormerConnection }
  | { kind: 'key'; value: FormerKey }
  | { kind: 'service'; vendor: string; value: Service }
  | { kind: 'vendor_secret'; vendor: string; epoch: number }
  | { kind: 'reveal'; hashes: readonly string[] }
  | { kind: 'canaries'; ids: readonly string[] }
  | {
      kind: 'scan';
      detectors: string;
      kept: readonly string[];
      /** Ids of own patterns, and a hash of what they are. Left out: there are none. */
      own?: { ids: readonly string[]; hash: string };
      /** Lists by name and class. Left out: there are none. */
      lists?: readonly { list: string; class: string; forms: number; hash: string }[];
    }
  | { kind: 'policy'; value: FormerPolicy }
  | { kind: 'app_facts'; value: AppFacts }
  | { kind: 'vendor_facts'; value: VendorFacts }
  | { kind: 'grant'; value: Grant }
  | { kind: 'route'; value: Route }
  /** Lists by a hash: the room of the egress proxy keeps each version whole. */
  | { kind: 'egress'; mode: EgressConfig['mode']; apps: readonly string[]; rules: string };

/** What tells which thing a part is of: two versions' parts of one thing have the same. */
export function identityOf(part: Part): string {
  switch (part.kind) {
    case 'connection':
    case 'key':
    case 'route':
      return `${part.kind}/${part.value.id}`;
    case 'service':
      return `service/${part.vendor}/${part.value.id}`;
    case 'vendor_secret':
      return `vendor_secret/${part.vendor}`;
    case 'reveal':
    case 'canaries':
    case 'scan':
    case 'egress':
      return part.kind;
    case 'policy':
      return `policy/${part.value.name}`;
    case 'app_facts':
    case 'vendor_facts':
    case 'grant':
      return `${part.kind}/${part.value.id}`;
  }
}

/** The parts of a content by their hashes (SHA-256, base64url). */
export function partsOf(content: Content): Map<string, Part> {
  const parts: Part[] = [
    ...content.connections.map(({ credential, contract, rotation, ...connection }): Part => {
      const { stored: _, ...bound } = credential ?? { stored: null };
      return {
        kind: 'connection',
        value: {
          ...connection,
          credential: credential === null ? null : (bound as FormerConnection['credential']),
          contract: { id: contract.id, version: contract.version },
          ...(rotation === undefined ? {} : { rotation: { second: formerSecond(rotation.second) } }),
        },
      };
    }),
    ...content.keys.map(({ hash: _, ...value }): Part => ({ kind: 'key', value })),
    ...content.services.map(({ vendor, service }): Part => ({ kind: 'service', vendor, value: service })),
    ...content.vendorSecrets.map(({ vendor, epoch }): Part => ({ kind: 'vendor_secret', vendor, epoch })),
    { kind: 'reveal', hashes: content.reveal },
    ...(content.canaries.length === 0
      ? []
      : [{ kind: 'canaries' as const, ids: content.canaries.map(({ id }) => id) }]),
    ...partsOfScan(content.scan),
    ...partsOfPolicies(content.policies),
    ...partsOfEgress(content.egress),
    ...(content.routes ?? []).map((value): Part => ({ kind: 'route', value })),
  ];
  return new Map(
    parts.map((part) => [createHash('sha256').update(JSON.stringify(part)).digest('base64url'), part]),
  );
}

function formerSecond(
  second: NonNullable<Content['connections'][number]['rotation']>['second'],
): NonNullable<FormerConnection['rotation']>['second'] {
  return second === null ? null : { id: second.id, version: second.version, share: second.share };
}

/** Detectors by one hash: which they are lies with the release. */
function partsOfScan(scan: Content['scan']): Part[] {
  if (scan === undefined) return [];
  const detectors = createHash('sha256').update(JSON.stringify(scan.rules)).digest('base64url');
  const { custom, phrases } = scan;
  const own =
    custom === undefined
      ? {}
      : {
          own: {
            ids: custom.map(({ id }) => id),
            hash: createHash('sha256').update(JSON.stringify(custom)).digest('base64url'),
          },
        };
  const lists = phrases?.map(({ list, class: name, hash, phrases: packed }) => ({
    list,
    class: name,
    forms: Math.floor((packed.length * 3) / 4 / PHRASE_BYTES),
    hash,
  }));
  return [
    {
      kind: 'scan',
      detectors,
      kept: scan.known.map(({ id }) => id),
      ...own,
      ...(lists === undefined ? {} : { lists }),
    },
  ];
}

function partsOfPolicies(policies: Content['policies']): Part[] {
  if (policies === undefined) return [];
  const { apps, vendors, grants } = policies.set;
  return [
    ...policies.versions.map((value): Part => ({ kind: 'policy', value })),
    // An app of which nothing was said is as if it were not listed.
    ...apps.filter(isSaid).map((value): Part => ({ kind: 'app_facts', value })),
    ...vendors.map((value): Part => ({ kind: 'vendor_facts', value })),
    ...grants.map((value): Part => ({ kind: 'grant', value })),
  ];
}

const isSaid = ({ tags, team, holder }: AppFacts): boolean =>
  tags.length > 0 || team !== '' || holder !== 'workload';

function partsOfEgress(egress: Content['egress']): Part[] {
  if (egress === undefined) return [];
  const { mode, apps, vendors: _, ...rules } = egress;
  return [
    {
      kind: 'egress',
      mode,
      apps,
      rules: createHash('sha256').update(JSON.stringify(rules)).digest('base64url'),
    },
  ];
}
