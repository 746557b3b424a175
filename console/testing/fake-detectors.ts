import type {
  KnownEntry,
  KnownList,
  KnownListImported,
  Pattern,
  RegisteredSecret,
  ShippedDetector,
} from '../api/detector-types.ts';

const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

/** Made-up detectors of a made-up organisation. */
export interface FakeDetectors {
  shipped: ShippedDetector[];
  patterns: Pattern[];
  lists: KnownList[];
  secrets: RegisteredSecret[];
}

const list = (id: string, name: string, given: Partial<KnownList>): KnownList => ({
  id,
  name,
  kind: 'people',
  class: null,
  entries: 0,
  forms: 0,
  madeAt: ago(20),
  madeBy: 'Ada Example',
  importedAt: null,
  importedBy: null,
  ...given,
});

export function makeFakeDetectors(empty: boolean): FakeDetectors {
  const kinds = ['API key', 'Restricted key', 'Webhook secret'];
  const shipped = Array.from({ length: 60 }, (_, index): ShippedDetector => {
    const vendor = ['Stripe', 'Quokka Cloud', 'Made-up AI', 'Specimen Mail'][index % 4] ?? '';
    return {
      id: `made_up.kind_${index}`,
      vendor,
      name: `${vendor} ${kinds[index % 3]}`,
      class: index % 3 === 2 ? 'secret.token' : 'secret.api_key',
      source: 'https://docs.example.com/keys',
      revoke: index % 2 === 0 ? 'https://docs.example.com/revoke' : null,
      sure: (['form', 'context', 'checksum'] as const)[index % 3] ?? 'form',
    };
  });
  if (empty) return { shipped, patterns: [], lists: [], secrets: [] };
  return {
    shipped,
    patterns: [
      {
        id: 'employee',
        name: 'Employee number',
        class: 'custom.match',
        pattern: 'EMP-\\d{6}',
        confidence: 'likely',
        flags: null,
        finds: ['of EMP-123456'],
        passes: ['EMP-12'],
        state: 'enabled',
        version: 2,
        changedAt: ago(3),
        changedBy: 'Ada Example',
      },
    ],
    lists: [
      list('list-staff', 'Staff', {
        entries: 1204,
        forms: 4816,
        importedAt: ago(1),
        importedBy: 'Ada Example',
      }),
      list('list-projects', 'Projects', {
        kind: 'words',
        class: 'business.term',
        entries: 14,
        forms: 14,
        importedAt: ago(9),
        importedBy: 'Ada Example',
      }),
    ],
    secrets: [
      {
        id: 'secret-deploy',
        label: 'Deploy key',
        owner: 'Platform team',
        class: 'secret.token',
        inScans: true,
        registeredAt: ago(6),
        registeredBy: 'Ada Example',
      },
    ],
  };
}

const entry: KnownEntry = {
  id: 'entry-1',
  kind: 'person',
  name: 'Zadora Quermuster',
  email: 'zadora@example.com',
  phone: null,
  alias: null,
  employer: 'Example & Sons',
  country: 'DE',
  language: 'de',
  externalId: null,
  forms: 4,
};

const imported: KnownListImported = {
  entries: 2,
  forms: 6,
  added: 1,
  changed: 1,
  gone: 3,
  refused: 1,
  rows: [{ line: 4, field: 'name', message: 'is no full name: a given name alone is not looked for' }],
  ignored: ['Shoe size'],
};

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

interface Answer {
  status: number;
  body?: unknown;
}

/** Answers what is of detectors; null: it is of something else. */
export function answerDetectors(world: FakeDetectors, { method, path, body }: Asked): Answer | null {
  const given = (body ?? {}) as Record<string, unknown>;
  const items = (of: unknown): Answer => ({ status: 200, body: { items: of } });
  if (method === 'GET') {
    if (path === '/shipped-detectors') return items(world.shipped);
    if (path === '/patterns') return items(world.patterns);
    if (path === '/known-lists') return items(world.lists);
    if (path === '/registered-secrets') return items(world.secrets);
    const of = /^\/patterns\/([^/]+)$/.exec(path)?.[1];
    return of === undefined
      ? null
      : items(
          world.patterns.filter(({ id }) => id === of).map((one) => ({ ...one, reason: 'Numbers of staff' })),
        );
  }
  return answerPattern(world, method, path, given) ?? answerLists(world, method, path, given);
}

function answerPattern(
  world: FakeDetectors,
  method: string,
  path: string,
  given: Record<string, unknown>,
): Answer | null {
  const [, id = '', act] = /^\/patterns\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (id === '') return null;
  const known = world.patterns.find((one) => one.id === id);
  if (act !== undefined) {
    if (act === 'remove') world.patterns = world.patterns.filter((one) => one !== known);
    else if (known !== undefined) known.state = act === 'enable' ? 'enabled' : 'disabled';
    return { status: 204 };
  }
  if (String(given.pattern).includes('('))
    return {
      status: 422,
      body: {
        code: 'invalid',
        title: 'The request is not right',
        detail: 'pattern: this is no regular expression',
        errors: [{ field: 'pattern', message: 'at character 1: missing closing )' }],
      },
    };
  const made = {
    ...(given as unknown as Pattern),
    id,
    flags: given.flags === 'i' ? ('i' as const) : null,
    state: 'enabled' as const,
    version: (known?.version ?? 0) + 1,
    changedAt: ago(0),
    changedBy: 'Ada Example',
  };
  world.patterns = [...world.patterns.filter((one) => one !== known), made];
  return { status: method === 'POST' ? 201 : 200, body: made };
}

function answerLists(
  world: FakeDetectors,
  method: string,
  path: string,
  given: Record<string, unknown>,
): Answer | null {
  if (path === '/known-lists') {
    const made = list('list-new', String(given.name), {
      kind: given.kind === 'words' ? 'words' : 'people',
      class: given.class === undefined ? null : String(given.class),
    });
    world.lists.push(made);
    return { status: 201, body: made };
  }
  if (path === '/registered-secrets') {
    const { label, owner, class: name } = given;
    const made = { label: String(label), owner: String(owner), class: String(name) };
    const row = {
      ...made,
      id: 'secret-new',
      inScans: name !== 'secret.password',
      registeredAt: ago(0),
      registeredBy: 'Ada Example',
    };
    world.secrets.push(row);
    return { status: 201, body: row };
  }
  if (path === '/detector-tries') {
    const start = String(given.text).indexOf('Quermuster');
    const found = {
      class: 'person.name',
      start,
      end: start + 'Quermuster, Zadora'.length,
      confidence: 'certain',
      detector: 'phrase',
      why: 'a registered phrase',
      known: 'list Staff',
    };
    return { status: 200, body: { findings: start === -1 ? [] : [found] } };
  }
  const [, id, what] = /^\/known-lists\/([^/]+)(?:\/(\w+))?/.exec(path) ?? [];
  const known = world.lists.find((one) => one.id === id);
  if (known !== undefined && what === 'looks') return { status: 200, body: { items: [entry], next: null } };
  if (known !== undefined && what === 'imports') {
    if (given.preview !== true) Object.assign(known, { entries: 2, forms: 6, importedAt: ago(0) });
    return { status: 200, body: imported };
  }
  if (method !== 'DELETE' || !/^\/(?:known-lists|registered-secrets)\//.test(path)) return null;
  if (what === undefined) world.lists = world.lists.filter((one) => one !== known);
  world.secrets = world.secrets.filter((one) => path !== `/registered-secrets/${one.id}`);
  return { status: 204 };
}
