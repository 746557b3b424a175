import { boundHost, credentialContext } from '@drawbridge/protocol';
import {
  type BesideCredential,
  type ConnectionRow,
  type CredentialBinding,
  nextBinding,
  readBeside,
  readConnection,
  upstreamOf,
} from '../connections/index.ts';
import { journalsStoredAt } from '../crossings/index.ts';
import { gatewaysAt, publishedSince } from '../fleet/index.ts';
import { type Platform, Problem } from '../platform/index.ts';
import type { FindKeys, KeysOf } from './keys-of.ts';
import { type Event, isRefusal } from './rules.ts';
import { type RotationRow, readUse, type Use } from './store.ts';
import { type Refs, VendorCallError, type VendorKeys, type Wrapped } from './vendor-keys.ts';

/** What came of looking at a rotation, or of doing its step at the vendor. Nothing is written yet. */
export interface Happened {
  event: Event | null;
  /** For people, of a failure. */
  said?: string;
  /** Milliseconds that the vendor asks to wait. */
  waitMs?: number | null;
  /** A key that was made, to be kept with the event. */
  made?: { binding: CredentialBinding; wrapped: Buffer; refs: Refs };
  /** The version of the configuration with the switch in it. */
  switchVersion?: number;
  /** The old key was called with, and worked. */
  oldProbed?: boolean;
  /** Somebody else used the old key. */
  foreign?: { lastUsed: Date; ours: Date };
}

export interface HappenDeps {
  platform: Platform;
  findKeys: FindKeys;
}

interface At extends KeysOf {
  platform: Platform;
  row: RotationRow;
  connection: ConnectionRow;
  beside: BesideCredential[];
}

/**
 * Does what a rotation's step asks for, and says what came of it. Done twice, it is the same: a key whose answer was lost
 * is found by its name and deleted, and what is deleted counts as deleted.
 */
export async function happen(deps: HappenDeps, row: RotationRow): Promise<Happened> {
  const { platform } = deps;
  const connection = await readConnection(platform.db, row.connection);
  const beside = await readBeside(platform.db, row.connection);
  if (isGone(row, connection, beside)) return { event: { type: 'gone' } };
  try {
    const keys = await deps.findKeys(platform.db, connection);
    return await ofStep({ ...keys, platform, row, connection, beside });
  } catch (error) {
    if (error instanceof VendorCallError)
      return {
        event: { type: 'failed', refused: error.code === 'refused' || error.code === 'unexpected' },
        said: error.message,
        waitMs: error.retryAfterMs,
      };
    // The vault's errors are problems too.
    if (error instanceof Problem) return { event: { type: 'failed', refused: false }, said: error.message };
    throw error;
  }
}

function ofStep(at: At): Promise<Happened> | Happened {
  switch (at.row.step) {
    case 'create':
      return create(at);
    case 'probe':
      return probeNew(at);
    case 'canary':
      return watchCanary(at);
    case 'switch':
      return watchGateways(at);
    case 'overlap':
      return watchOverlap(at);
    case 'deactivate':
      return deactivate(at);
    case 'delete':
      return remove(at);
    case 'prove':
      return probeOld(at);
    case 'undo':
      return comeBack(at);
    case 'clean_up':
      return cleanUp(at);
    default:
      return { event: null };
  }
}

/** Whoever moved the connection or entered another credential took from under it what it works with. */
function isGone(row: RotationRow, connection: ConnectionRow, beside: readonly BesideCredential[]): boolean {
  if (row.step === 'clean_up') return false;
  const [inForce, other] = row.switched
    ? [row.to_version, row.from_version]
    : [row.from_version, row.to_version];
  if (connection.credential_version !== inForce) return true;
  return other !== null && !beside.some(({ version }) => version === other);
}

async function create({ row, vendor, platform, connection, service }: At): Promise<Happened> {
  if (row.how === 'guided') return { event: null };
  const keys = expectVendor(vendor);
  await removeAll(keys, await keys.find(row.key_name));
  const binding = await nextBinding(platform.db, connection, service);
  const { wrapped, refs } = await keys.make(row.key_name, binding.context);
  return { event: { type: 'made' }, made: { binding, wrapped, refs } };
}

function expectVendor(vendor: VendorKeys | null): VendorKeys {
  if (vendor !== null) return vendor;
  throw new VendorCallError(
    'refused',
    'There is no admin credential for this vendor’s API for keys any more. Enter it again.',
  );
}

async function removeAll(keys: VendorKeys, found: readonly Refs[]): Promise<void> {
  for (const refs of found) await keys.remove(refs);
}

async function probeNew({ probe, beside, connection }: At): Promise<Happened> {
  const next = beside.find(({ role }) => role === 'next');
  if (next === undefined) return { event: { type: 'gone' } };
  return probed('probed', await probe(wrappedOf(connection, next)));
}

function probed(type: 'probed' | 'old_probed', status: number): Happened {
  const event: Event = { type, status };
  if (status >= 200 && status <= 299) return { event };
  return { event, said: `The vendor answered ${status} to a call with this key.` };
}

const wrappedOf = (connection: ConnectionRow, credential: BesideCredential): Wrapped => ({
  wrapped: credential.wrapped,
  context: credentialContext({
    connection: connection.id,
    version: credential.version,
    hosts: [boundHost(upstreamOf(connection))],
    placements: credential.placements,
  }),
});

/** 403 may be about what was asked for: it counts only where the old key got none. */
function refusedOf(row: RotationRow, use: ReadonlyMap<number, Use>): { answered: number; refused: number } {
  const mine = use.get(row.to_version ?? -1);
  const old = use.get(row.from_version);
  const forbidden = (old?.forbidden ?? 0) > 0 ? 0 : (mine?.forbidden ?? 0);
  return { answered: mine?.answered ?? 0, refused: (mine?.unauthorised ?? 0) + forbidden };
}

async function watchCanary({ platform, row }: At): Promise<Happened> {
  const seen = refusedOf(row, await readUse(platform.db, row.connection));
  return watched({ ...seen, foreign: false, certain: true });
}

function watched(seen: { answered: number; refused: number; foreign: boolean; certain: boolean }): Happened {
  const event: Event = { type: 'watched', ...seen };
  if (seen.refused === 0) return { event };
  return { event, said: `The vendor refused ${seen.refused} crossings with the new key.` };
}

async function watchGateways({ platform, row }: Pick<At, 'platform' | 'row'>): Promise<Happened> {
  const version = row.switch_version ?? (await publishedSince(platform, row.switch_revision ?? 0));
  if (version === null) return { event: { type: 'gateways', current: false } };
  const behind = (await gatewaysAt(platform, version)).flatMap(({ id, isCurrent }) =>
    isCurrent ? [] : [id],
  );
  return {
    event: { type: 'gateways', current: behind.length === 0 },
    switchVersion: version,
    ...(behind.length === 0
      ? {}
      : { said: `Not yet on the configuration with the switch: ${behind.slice(0, 5).join(', ')}.` }),
  };
}

async function watchOverlap(at: At): Promise<Happened> {
  const { platform, row, vendor, lagMs } = at;
  const use = await readUse(platform.db, row.connection);
  const seen = refusedOf(row, use);
  const lastUsed = row.how === 'api' ? await vendor?.lastUsed(row.old_refs) : undefined;
  // Where the vendor does not say, nobody can know more.
  if (lastUsed === undefined) return watched({ ...seen, foreign: false, certain: true });
  const ours = ourLastUse(row, use);
  // What is not in may be a use of ours.
  if (!(await areJournalsIn(platform))) return watched({ ...seen, foreign: false, certain: false });
  const foreign = lastUsed !== null && lastUsed.getTime() > ours.getTime() + lagMs;
  const certain = platform.clock.now() - ours.getTime() >= lagMs;
  return {
    ...watched({ ...seen, foreign, certain }),
    ...(foreign ? { foreign: { lastUsed, ours } } : {}),
  };
}

const STORED_WITHIN_MS = 60_000;

/** Whether every gateway's crossings are known up to a minute ago: it has shipped all, or is at it. */
async function areJournalsIn(platform: Platform): Promise<boolean> {
  const stored = await journalsStoredAt(platform);
  const since = platform.clock.now() - STORED_WITHIN_MS;
  return (await gatewaysAt(platform, 0)).every(
    ({ id, isShipped }) => isShipped || (stored.get(id)?.getTime() ?? 0) >= since,
  );
}

/** When we last used the old key: crossings that say so, those of before that say nothing, and probes. */
function ourLastUse(row: RotationRow, use: ReadonlyMap<number, Use>): Date {
  const times = [use.get(row.from_version)?.last, use.get(0)?.last, row.old_probed_at].map(
    (time) => time?.getTime() ?? 0,
  );
  return new Date(Math.max(...times));
}

async function deactivate({ row, vendor }: At): Promise<Happened> {
  const byHand = row.how === 'guided' || !expectVendor(vendor).canRemove(row.old_refs);
  if (row.how === 'api') await expectVendor(vendor).disable(row.old_refs);
  return { event: { type: 'deactivated', byHand } };
}

async function remove({ row, vendor }: At): Promise<Happened> {
  if (row.needs === 'delete_old_key') return { event: null };
  await expectVendor(vendor).remove(row.old_refs);
  return { event: { type: 'deleted' } };
}

async function probeOld({ probe, beside, connection }: At): Promise<Happened> {
  const old = beside.find(({ role }) => role === 'previous');
  if (old === undefined) return { event: { type: 'gone' } };
  const status = await probe(wrappedOf(connection, old));
  return { ...probed('old_probed', status), oldProbed: !isRefusal(status) };
}

async function comeBack(at: At): Promise<Happened> {
  if (at.row.how === 'api') await at.vendor?.enable(at.row.old_refs);
  return probeOld(at);
}

/** A gateway that has not heard yet that it is over would go on with the key that is deleted here. */
async function cleanUp({ platform, row, vendor }: At): Promise<Happened> {
  if (row.how === 'api') {
    if (row.switch_revision !== null) {
      const waiting = await watchGateways({ platform, row });
      if (waiting.event?.type === 'gateways' && !waiting.event.current) return waiting;
    }
    const keys = expectVendor(vendor);
    await removeAll(keys, await keys.find(row.key_name));
  }
  return { event: { type: 'cleaned_up' } };
}
