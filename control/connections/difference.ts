import { type ConnectionMode, type FieldClass, type Leaf, treatmentNames } from '@drawbridge/protocol';
import { messageText } from '../platform/index.ts';
import type { DifferenceView } from './schemas.ts';

/**
 * What another mode would make of crossings that were recorded. A crossing's leaf says what was done and, where the mode
 * was not `enforce`, what contract and policies would have done: from both follows what each mode does.
 */

type Treatment = (typeof treatmentNames)[number];
type Field = [FieldClass, Treatment, number];

/** Why contract and policies refuse a crossing; other refusals are the same in every mode. */
export const contractReasons = [
  'field_refused',
  'policy_denied',
  'region_not_allowed',
  'body_unreadable',
  'body_too_deep',
  'bad_request',
] as const;
const isContractReason = (reason: string | null): boolean => contractReasons.some((one) => one === reason);

const EXAMPLES = 20;

const isSecret = (fieldClass: string): boolean => fieldClass.startsWith('secret.');

/** Whether a mode has a say in how this crossing went: a request that is malformed is so in all of them. */
export function isDecidedByMode(leaf: Leaf): boolean {
  if (leaf.decision === 'forwarded') return true;
  return isContractReason(leaf.reason) && leaf.stage !== 'accept' && leaf.stage !== 'authenticate';
}

/** What contract and policies do with a crossing where they are enforced. */
export function enforced(leaf: Leaf): { fields: Field[]; reason: string | null } {
  const reason = leaf.would?.reason ?? (isContractReason(leaf.reason) ? leaf.reason : null);
  if (leaf.would === undefined) return { fields: leaf.fields, reason };
  const instead: readonly Treatment[] = leaf.mode === 'minimise' ? ['drop', 'pseudonymise'] : ['pass'];
  const left = leaf.fields.map((field): Field => [...field]);
  for (const [fieldClass, , count] of leaf.would.fields) {
    let moved = count;
    for (const treatment of instead) {
      const from = left.find((field) => field[0] === fieldClass && field[1] === treatment);
      // Folded lists don't match to the last value.
      const taken = Math.min(from?.[2] ?? 0, moved);
      if (from !== undefined) from[2] -= taken;
      moved -= taken;
    }
  }
  return { fields: [...left.filter(([, , count]) => count > 0), ...leaf.would.fields], reason };
}

/** What a mode makes of the contract's treatment of a class. */
export function treatmentIn(mode: ConnectionMode, fieldClass: string, treatment: Treatment): Treatment {
  if (mode === 'enforce' || isSecret(fieldClass)) return treatment;
  if (mode === 'observe') return 'pass';
  return treatment === 'refuse' ? 'drop' : treatment;
}

/** Why a mode refuses what is refused for `reason` where the contract is enforced; null: it lets it cross. */
export function reasonIn(
  mode: ConnectionMode,
  { fields, reason }: { fields: readonly Field[]; reason: string | null },
  keysInBody: boolean,
): string | null {
  if (mode === 'enforce' || reason === null) return reason;
  if (reason === 'policy_denied' || reason === 'region_not_allowed') return null;
  if (reason === 'field_refused') {
    return fields.some(([name, treatment]) => treatment === 'refuse' && isSecret(name)) ? reason : null;
  }
  return mode === 'observe' && !keysInBody ? null : reason;
}

export interface DifferenceInput {
  from: ConnectionMode;
  to: ConnectionMode;
  /** The version of the contract in force. */
  contract: number;
  /** Keys of this service may stand in bodies: one that can't be read is refused in every mode. */
  keysInBody: boolean;
}

class Tally<Of> {
  readonly rows = new Map<string, { of: Of; crossings: number; values: number; examples: string[] }>();
  add(key: string, of: Of, crossing: string, values: number): void {
    const row = this.rows.get(key) ?? { of, crossings: 0, values: 0, examples: [] };
    this.rows.set(key, row);
    row.values += values;
    if (row.examples.at(-1) === crossing) return;
    row.crossings += 1;
    if (row.examples.length < EXAMPLES) row.examples.push(crossing);
  }
}

/** What changes with another mode, over crossings that the connection had. `leaves`: newest first. */
export function differenceOf(
  leaves: readonly Leaf[],
  { from, to, contract, keysInBody }: DifferenceInput,
): DifferenceView {
  const counted = leaves.filter(isDecidedByMode);
  const classes = new Tally<{ class: FieldClass; now: Treatment; after: Treatment }>();
  const refused = { now: new Tally<string>(), after: new Tally<string>() };
  for (const leaf of counted) {
    const byContract = enforced(leaf);
    const pairs = new Map<string, { class: FieldClass; now: Treatment; after: Treatment; values: number }>();
    for (const [name, treatment, count] of byContract.fields) {
      const pair = {
        class: name,
        now: treatmentIn(from, name, treatment),
        after: treatmentIn(to, name, treatment),
      };
      const key = `${name} ${pair.now} ${pair.after}`;
      pairs.set(key, { ...pair, values: (pairs.get(key)?.values ?? 0) + count });
    }
    for (const [key, { values, ...pair }] of pairs) classes.add(key, pair, leaf.id, values);
    const now = reasonIn(from, byContract, keysInBody);
    const after = reasonIn(to, byContract, keysInBody);
    if (now !== null) refused.now.add(now, now, leaf.id, 1);
    if (after !== null) refused.after.add(after, after, leaf.id, 1);
  }
  const timeOf = (leaf: Leaf | undefined) => (leaf === undefined ? null : new Date(leaf.at).toISOString());
  return {
    from,
    to,
    crossings: counted.length,
    since: timeOf(counted.at(-1)),
    latest: timeOf(counted[0]),
    otherContracts: counted.filter((leaf) => leaf.contract.version !== contract).length,
    refusedUnread: counted.filter((leaf) => leaf.decision === 'refused').length,
    rows: [...classes.rows.values()]
      .map(({ of, crossings, values, examples }) => ({ ...of, crossings, values, examples }))
      .sort(byWeight),
    refusedNow: refusedRows(refused.now),
    refusedAfter: refusedRows(refused.after),
  };
}

type Row = DifferenceView['rows'][number];

/** What changes first; then what goes to the vendor; then by how many crossings. */
function byWeight(a: Row, b: Row): number {
  const changes = (row: Row) => Number(row.now !== row.after);
  const sternness = (row: Row) => treatmentNames.indexOf(row.after);
  return (
    changes(b) - changes(a) ||
    sternness(b) - sternness(a) ||
    b.crossings - a.crossings ||
    (a.class < b.class ? -1 : 1)
  );
}

function refusedRows({ rows }: Tally<string>): DifferenceView['refusedNow'] {
  return [...rows.values()]
    .map(({ of, crossings, examples }) => ({
      reason: of,
      text: messageText(`refusal.${of}`) ?? of,
      crossings,
      examples,
    }))
    .sort((a, b) => b.crossings - a.crossings);
}
