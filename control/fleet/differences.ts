import { isDeepStrictEqual } from 'node:util';
import { budgetText } from '../apps/index.ts';
import { modeText } from '../connections/index.ts';
import { ofEgress } from './egress-differences.ts';
import { type FormerConnection, type FormerKey, identityOf, type Part } from './parts.ts';
import { ofPolicies } from './policy-differences.ts';
import { ofRoute } from './route-differences.ts';
import { ofScan } from './scan-differences.ts';

/** What a difference can be of. */
export const differenceKinds = ['connection', 'key', 'vendor', 'names', 'policy', 'app'] as const;

/** One difference between two versions: of what, and a sentence. `code` is stable; no sentence holds a secret. */
export interface Difference {
  code: string;
  subject: { kind: (typeof differenceKinds)[number]; id: string };
  text: string;
}

type Modes = Pick<FormerConnection, 'mode' | 'break_glass'>;

/** What a connection or an app is called now; ids that nothing is known of are given back. */
export interface NameOf {
  connection(id: string): string;
  app(id: string): string;
}

/** What is otherwise in the later of two versions, by the parts that only one of them has. */
export function differencesOf(before: readonly Part[], after: readonly Part[], name: NameOf): Difference[] {
  const old = new Map(before.map((part) => [identityOf(part), part]));
  const fresh = new Map(after.map((part) => [identityOf(part), part]));
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((identity) => {
    return differenceOf(old.get(identity), fresh.get(identity), name);
  });
}

function differenceOf(before: Part | undefined, after: Part | undefined, name: NameOf): Difference[] {
  const part = after ?? before;
  switch (part?.kind) {
    case 'connection':
      return ofConnection(
        before?.kind === 'connection' ? before.value : undefined,
        after?.kind === 'connection' ? after.value : undefined,
        name,
      );
    case 'key':
      return ofKey(
        before?.kind === 'key' ? before.value : undefined,
        after?.kind === 'key' ? after.value : undefined,
        name,
      );
    case 'service':
      return [ofService(part.vendor, part.value.name, before, after)];
    case 'vendor_secret':
      return after?.kind === 'vendor_secret'
        ? [
            {
              code: before === undefined ? 'epoch.first' : 'epoch.new',
              subject: { kind: 'vendor', id: part.vendor },
              text:
                before === undefined
                  ? `Pseudonyms for ${part.vendor} are made from now on.`
                  : `Pseudonyms for ${part.vendor} are made anew: epoch ${after.epoch}.`,
            },
          ]
        : [];
    case 'reveal':
      return ofRevealed(before, after);
    case 'canaries':
      return ofCanaries(before, after);
    case 'scan':
      return ofScan(before, after);
    case 'egress':
      return ofEgress(before, after);
    case 'route':
      return ofRoute(
        before?.kind === 'route' ? before.value : undefined,
        after?.kind === 'route' ? after.value : undefined,
        name,
      );
    case 'policy':
    case 'app_facts':
    case 'vendor_facts':
    case 'grant':
      return ofPolicies(part, before, after, name);
    case undefined:
      return [];
  }
}

function ofConnection(
  before: FormerConnection | undefined,
  after: FormerConnection | undefined,
  name: NameOf,
): Difference[] {
  const now = after ?? before;
  if (now === undefined) return [];
  const called = name.connection(now.id);
  const say = (code: string, text: string): Difference => ({
    code: `connection.${code}`,
    subject: { kind: 'connection', id: now.id },
    text,
  });
  if (before === undefined) {
    return [say('new', `${called} was connected: it goes to ${now.upstream.host}, path prefix ${now.slug}.`)];
  }
  if (after === undefined) return [say('gone', `${called} is served no longer: its pack is gone.`)];
  const found: Difference[] = [];
  const { credential: oldCredential, ...old } = before;
  const { credential, ...fresh } = after;
  const severed = old.state !== fresh.state;
  if (severed) {
    found.push(
      fresh.state === 'severed'
        ? say('severed', `${called} was severed: nothing crosses.`)
        : say('opened', `${called} was opened: requests cross again.`),
    );
  }
  const [classesThen, classesNow] = [old.severed_classes ?? [], fresh.severed_classes ?? []];
  if (!isDeepStrictEqual(classesThen, classesNow)) {
    const cut = classesNow.join(', ');
    found.push(
      say(
        'severed_classes',
        classesNow.length === 0
          ? `${called}: no kind of data is cut off from it any more.`
          : `${called}: cut off from it whatever its contract and mode say: ${cut}.`,
      ),
    );
  }
  found.push(...ofModes(old, fresh, called, say));
  const withheld = !isDeepStrictEqual(old.withheld, fresh.withheld);
  if (withheld) {
    found.push(
      fresh.withheld === undefined
        ? say('released', `${called} may be used: what its tier asks for holds, or an exception is granted.`)
        : say('withheld', `${called} may not be used. ${fresh.withheld.join(' ')}`),
    );
  }
  if (old.contract.version !== fresh.contract.version) {
    found.push(
      say(
        'contract',
        `${called}: contract version ${fresh.contract.version} is in force; it was ${old.contract.version}.`,
      ),
    );
  }
  if (!isDeepStrictEqual(old.upstream, fresh.upstream)) {
    found.push(say('host', `${called} goes to ${placeOf(fresh)}; it was ${placeOf(old)}.`));
  }
  if (!isDeepStrictEqual(old.origins, fresh.origins)) {
    found.push(say('origins', `${called}: ${listsDiffer('origins', old.origins, fresh.origins)}`));
  }
  // A severed connection's credential is not in a snapshot: that it comes and goes with the state says nothing more.
  if (!severed && !withheld && !isDeepStrictEqual(oldCredential, credential)) {
    found.push(
      credential === null
        ? say('credential', `${called} has no credential any more.`)
        : say('credential', `${called}: version ${credential.version} of the credential is in use.`),
    );
  }
  const shared = fresh.rotation?.second ?? null;
  if (!severed && shared !== null && !isDeepStrictEqual(old.rotation?.second ?? null, shared)) {
    const percent = (shared.share / 100).toFixed(2).replace(/\.?0+$/, '');
    const text = `${called}: ${percent} % of crossings go with version ${shared.version} of the credential.`;
    found.push(say('credential_share', text));
  }
  const said = new Set([
    'state',
    'mode',
    'break_glass',
    'severed_classes',
    'contract',
    'upstream',
    'origins',
    'rotation',
  ]);
  found.push(...otherMembers(old, fresh, said).map((member) => say('other', `${called}: ${member}`)));
  return found;
}

/** Both members are left out where nothing is unusual. */
function ofModes(
  old: Modes,
  fresh: Modes,
  called: string,
  say: (code: string, text: string) => Difference,
): Difference[] {
  const found: Difference[] = [];
  const [was, mode] = [old.mode ?? 'enforce', fresh.mode ?? 'enforce'];
  if (was !== mode) {
    found.push(say('mode', `${called} is in mode ${mode}: ${modeText[mode]}. It was ${was}.`));
  }
  const [before, lifted] = [old.break_glass, fresh.break_glass];
  if (lifted !== undefined && before?.id !== lifted.id) {
    const until = new Date(lifted.until).toISOString();
    found.push(
      say(
        'break_glass',
        `${called}: a break-glass lifts contract and policies until ${until} at the latest.`,
      ),
    );
  } else if (lifted === undefined && before !== undefined) {
    found.push(say('break_glass', `${called}: the break-glass is over.`));
  }
  return found;
}

const placeOf = ({ upstream }: Pick<FormerConnection, 'upstream'>): string =>
  `${upstream.scheme}://${upstream.host}:${upstream.port}${upstream.private ? ' (private addresses allowed)' : ''}`;

function ofKey(before: FormerKey | undefined, after: FormerKey | undefined, name: NameOf): Difference[] {
  const now = after ?? before;
  if (now === undefined) return [];
  const called = `Key ${now.id} of ${name.app(now.app)}`;
  const say = (code: string, text: string): Difference => ({
    code: `key.${code}`,
    subject: { kind: 'key', id: now.id },
    text,
  });
  const names = (ids: readonly string[]): string[] => ids.map((id) => name.connection(id));
  if (before === undefined)
    return [say('made', `${called} was made, for ${listOf(names(now.connections))}.`)];
  if (after === undefined) return [say('revoked', `${called} was revoked.`)];
  const found: Difference[] = [];
  if (!isDeepStrictEqual(before.connections, after.connections)) {
    const text = listsDiffer('connections', names(before.connections), names(after.connections));
    found.push(say('bound', `${called}: ${text}`));
  }
  if (!isDeepStrictEqual(before.origins, after.origins)) {
    found.push(say('origins', `${called}: ${listsDiffer('origins', before.origins, after.origins)}`));
  }
  if (before.expires_at !== after.expires_at) {
    found.push(
      say(
        'expires',
        after.expires_at === null
          ? `${called} no longer expires.`
          : `${called} expires at ${new Date(after.expires_at).toISOString()}.`,
      ),
    );
  }
  if (before.per_minute !== after.per_minute) {
    found.push(
      say(
        'per_minute',
        after.per_minute === null
          ? `${called} has no cap of requests a minute any more.`
          : `${called} is capped at ${after.per_minute} requests a minute; it was ${before.per_minute ?? 'not capped'}.`,
      ),
    );
  }
  if (!isDeepStrictEqual(before.per_day, after.per_day)) {
    const was = before.per_day === undefined ? 'not limited' : budgetText(before.per_day);
    found.push(
      say(
        'per_day',
        after.per_day === undefined
          ? `${called} has no daily budget any more.`
          : `${called} may use ${budgetText(after.per_day)} a day; it was ${was}.`,
      ),
    );
  }
  if (!isDeepStrictEqual(before.classes, after.classes)) {
    found.push(
      say('classes', `${called}: ${listsDiffer('endpoint classes', before.classes, after.classes)}`),
    );
  }
  for (const [member, what, free] of [
    ['models', 'models', 'may ask for any model'],
    ['networks', 'networks', 'may be used from anywhere'],
  ] as const) {
    const [was, is] = [before[member], after[member]];
    if (isDeepStrictEqual(was, is)) continue;
    found.push(
      say(member, is === undefined ? `${called} ${free}.` : `${called}: ${listsDiffer(what, was ?? [], is)}`),
    );
  }
  const said = new Set([
    'connections',
    'origins',
    'expires_at',
    'per_minute',
    'per_day',
    'classes',
    'models',
    'networks',
  ]);
  found.push(...otherMembers(before, after, said).map((member) => say('other', `${called}: ${member}`)));
  return found;
}

function ofService(
  vendor: string,
  called: string,
  before: Part | undefined,
  after: Part | undefined,
): Difference {
  const say = (code: string, text: string): Difference => ({
    code: `pack.${code}`,
    subject: { kind: 'vendor', id: vendor },
    text,
  });
  if (before === undefined) return say('new', `The pack of ${called} came into use.`);
  if (after === undefined) return say('gone', `The pack of ${called} is in use no longer.`);
  return say('changed', `The pack of ${called} is another one: field maps or endpoints differ.`);
}

function ofRevealed(before: Part | undefined, after: Part | undefined): Difference[] {
  const old = new Set(before?.kind === 'reveal' ? before.hashes : []);
  const fresh = after?.kind === 'reveal' ? after.hashes : [];
  const added = fresh.filter((hash) => !old.has(hash)).length;
  const gone = old.size - (fresh.length - added);
  const of = (count: number): string => `${count} unknown ${count === 1 ? 'name' : 'names'}`;
  const parts = [
    ...(added > 0 ? [`${of(added)} may now be shown`] : []),
    ...(gone > 0 ? [`${of(gone)} need not be sent along any more`] : []),
  ];
  if (parts.length === 0) return [];
  return [{ code: 'names.revealed', subject: { kind: 'names', id: 'reveal' }, text: `${parts.join('; ')}.` }];
}

function ofCanaries(before: Part | undefined, after: Part | undefined): Difference[] {
  const old = before?.kind === 'canaries' ? before.ids : [];
  const fresh = after?.kind === 'canaries' ? after.ids : [];
  const planted = fresh.filter((id) => !old.includes(id)).length;
  const retired = old.length - (fresh.length - planted);
  const of = (count: number): string => `${count} canary ${count === 1 ? 'key' : 'keys'}`;
  const parts = [
    ...(planted > 0 ? [`gateways know ${of(planted)} more`] : []),
    ...(retired > 0 ? [`gateways forget ${of(retired)}`] : []),
  ];
  const text = `${parts.join('; ')}.`;
  return parts.length === 0
    ? []
    : [
        {
          code: 'canaries',
          subject: { kind: 'names', id: 'canaries' },
          text: text[0]?.toUpperCase() + text.slice(1),
        },
      ];
}

/** Members that have no sentence of their own, by name. Short values are shown: none in a version is a secret. */
function otherMembers(before: object, after: object, said: ReadonlySet<string>): string[] {
  const [old, fresh] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((member) => !said.has(member) && !isDeepStrictEqual(old.get(member), fresh.get(member)))
    .map((member) => {
      const words = member.replaceAll('_', ' ');
      return `${words} is ${shown(fresh.get(member))}; it was ${shown(old.get(member))}.`;
    });
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

const MOST_LISTED = 5;

function listOf(items: readonly string[]): string {
  if (items.length === 0) return 'none';
  const rest = items.length - MOST_LISTED;
  return `${items.slice(0, MOST_LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function listsDiffer(what: string, before: readonly string[], after: readonly string[]): string {
  const added = after.filter((item) => !before.includes(item));
  const gone = before.filter((item) => !after.includes(item));
  const parts = [
    ...(added.length > 0 ? [`added ${listOf(added)}`] : []),
    ...(gone.length > 0 ? [`removed ${listOf(gone)}`] : []),
  ];
  return parts.length === 0 ? `${what} are in another order.` : `${what}: ${parts.join('; ')}.`;
}
