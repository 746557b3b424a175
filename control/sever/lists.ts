import { fieldClasses } from '@drawbridge/protocol';
import type { Facts, Target, VendorFacts } from './facts.ts';
import type { Plan, SeverLine } from './schemas.ts';

/** What cutting something off means, in four lists: what is cut here, what people end elsewhere, what is not ours, what is unknown. */

export type Lists = Pick<Plan, 'cutNow' | 'revokeThere' | 'notOurs' | 'unknown'>;

const MOST_HOSTS = 50;

const line = (
  id: string,
  kind: SeverLine['kind'],
  what: string,
  rest: Partial<Pick<SeverLine, 'owner' | 'layer' | 'proof'>> = {},
): SeverLine => ({ id, what, kind, owner: null, layer: 'observed', proof: null, done: null, ...rest });

const labels: Readonly<Record<string, { label: string }>> = fieldClasses;
export const labelOf = (fieldClass: string): string => labels[fieldClass]?.label ?? fieldClass;
const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

export function listsOf(facts: Facts): Lists {
  const { target, vendors } = facts;
  // One field class, or one connection: the vendor stays, and with it what it was given.
  const isWhole = target.kind === 'vendor' || target.kind === 'party';
  return {
    cutNow: [
      ...target.connections.map((connection) => connectionLine(connection, target)),
      ...(target.kind === 'field_class' ? [] : vendors.flatMap(egressLines)),
      ...appLines(facts),
    ],
    revokeThere: [...credentialLines(facts), ...(isWhole ? vendors.flatMap(thereLines) : [])],
    notOurs: vendors.flatMap((vendor) => linkLines(vendor, facts)),
    unknown: vendors.flatMap((vendor) => unknownLines(vendor, facts)),
  };
}

function connectionLine(connection: Target['connections'][number], { field }: Target): SeverLine {
  const what =
    field === null
      ? `Connection ${connection.name}, to ${connection.upstream.host}`
      : `${labelOf(field.class)} over connection ${connection.name}: ${field.treatment === 'refuse' ? 'requests with it are refused' : 'the values are left out'}`;
  return line(`connection:${connection.id}`, 'connection', what, {
    owner: connection.owner,
    layer: 'declared',
    proof: { text: 'The connection as it is configured', href: `/connections/${connection.id}` },
  });
}

function egressLines({ id, name, domains, hosts }: VendorFacts): SeverLine[] {
  const whole =
    domains.length === 0
      ? []
      : [
          line(
            `egress:${id}`,
            'egress_host',
            `Egress proxy: all hosts of ${name} (${domains.slice(0, 5).join(', ')}${domains.length > 5 ? ` and ${domains.length - 5} more domains` : ''})`,
            {
              layer: 'declared',
              proof: { text: 'Domains that are known to be the vendor’s', href: '/egress' },
            },
          ),
        ];
  const byHost = [...Map.groupBy(hosts, ({ host }) => host)].slice(0, MOST_HOSTS);
  return [
    ...whole,
    ...byHost.map(([host, rows]) => {
      const crossings = rows.reduce((sum, row) => sum + row.crossings, 0);
      return line(`host:${id}:${host}`, 'egress_host', `Egress proxy: ${host}`, {
        proof: {
          text: `${count(crossings, 'exchange', 'exchanges')} by ${count(rows.length, 'app', 'apps')} lately`,
          href: `/egress?host=${encodeURIComponent(host)}`,
        },
      });
    }),
  ];
}

/** Apps that sent something lately over what is to be cut off. */
function appLines(facts: Facts): SeverLine[] {
  return appsThatStop(facts).map(({ id, name, owner, vendor, crossings, lastAt }) =>
    line(`app:${vendor.id}:${id}`, 'app', `${name} no longer reaches ${vendor.name}`, {
      owner,
      proof: {
        text: `${count(crossings, 'crossing', 'crossings')} in the last ${facts.days} days, the last on ${lastAt.slice(0, 10)}`,
        href: `/crossings?app=${encodeURIComponent(id)}&vendor=${encodeURIComponent(vendor.id)}`,
      },
    }),
  );
}

export function appsThatStop(facts: Facts): Plan['consequences']['apps'] {
  const { target, recent, apps, named } = facts;
  const cut = new Set(target.connections.map(({ id }) => id));
  const mine = recent.filter(({ connection }) => cut.has(connection));
  return [...Map.groupBy(mine, ({ vendor, app }) => `${vendor} ${app}`).values()]
    .flatMap((rows) => {
      const [first] = rows;
      if (first === undefined) return [];
      const app = apps.get(first.app);
      return {
        id: first.app,
        name: app?.name ?? first.app,
        owner: app?.owner ?? null,
        vendor: { id: first.vendor, name: named(first.vendor) },
        crossings: rows.reduce((sum, { crossings }) => sum + crossings, 0),
        lastAt: new Date(Math.max(...rows.map((row) => row.lastAt.getTime()))).toISOString(),
      };
    })
    .sort((a, b) => b.crossings - a.crossings);
}

/** Our own credentials: the gateway gives them out no longer, and the vendor still takes them from whoever has them. */
function credentialLines({ target, lastUsed, named }: Facts): SeverLine[] {
  if (target.kind === 'field_class') return [];
  return target.connections.flatMap(({ id, name, vendor, owner, credential }) => {
    if (credential === null) return [];
    const last = lastUsed.find((one) => one.connection === id && one.version === credential.version);
    return line(
      `credential:${id}:${credential.version}`,
      'credential',
      `Revoke at ${named(vendor)} the key of ${name}, version ${credential.version}: the vendor takes it until then`,
      {
        owner,
        proof: {
          text: last === undefined ? 'No use of it was seen' : `Last used ${last.lastAt.toISOString()}`,
          href: '/rotation',
        },
      },
    );
  });
}

const traceLines = {
  package: [
    'sdk',
    (value: string) => `Take its library ${value} out of the code and out of the pages that load it`,
  ],
  variable: ['variable', (value: string) => `Empty the variable ${value}, and revoke the key in it`],
  dns: ['dns', (value: string) => `Remove the DNS record that leads to ${value}`],
  sender: ['sender', (value: string) => `Stop trusting mail from ${value}`],
  provider: ['service', (value: string) => `Remove it from the infrastructure code: ${value}`],
  service: ['service', (value: string) => `End the service ${value}`],
} as const;
const gradeLayers = ['observed', 'declared', 'inferred', 'inferred'] as const;

function thereLines({ id, name, owner, grants, traces, heldKeys, accounts }: VendorFacts): SeverLine[] {
  const entered = { owner };
  return [
    ...grants.map((grant) =>
      line(
        `grant:${grant.id}`,
        'oauth_grant',
        `Revoke the grant of ${grant.app}${grant.scopes.length === 0 ? '' : `: ${grant.scopes.slice(0, 8).join(', ')}`}`,
        {
          ...entered,
          proof: { text: `Evidence: ${grant.file}`, href: `/discover?q=${encodeURIComponent(grant.app)}` },
        },
      ),
    ),
    ...heldKeys.map((key) =>
      line(
        `held_key:${key.id}`,
        'held_key',
        `Revoke the key ${key.label} (${key.kind}): its label names ${name}`,
        {
          owner: key.owner,
          layer: 'inferred',
          proof: { text: `List of keys: ${key.source}`, href: `/keys?held=${encodeURIComponent(key.id)}` },
        },
      ),
    ),
    ...traces.flatMap((trace) => {
      const known = trace.kind in traceLines ? traceLines[trace.kind as keyof typeof traceLines] : undefined;
      if (known === undefined) return [];
      return line(`trace:${trace.id}`, known[0], known[1](trace.value), {
        ...entered,
        layer: gradeLayers[trace.grade] ?? 'inferred',
        proof: { text: `Evidence: ${trace.file}`, href: `/discover?q=${encodeURIComponent(trace.value)}` },
      });
    }),
    ...accounts.map((one) =>
      line(
        `accounts:${id}:${one.vendor}`,
        'accounts',
        `Close or lock ${one.accounts === 0 ? 'the accounts of our people' : count(one.accounts, 'account of our people', 'accounts of our people')} at ${one.vendor === id ? name : one.vendor}`,
        {
          ...entered,
          layer: one.layer,
          proof: { text: 'Accounts and visits', href: `/accounts/${one.vendor}` },
        },
      ),
    ),
  ];
}

function linkLines({ id, name, edges }: VendorFacts, { named, target }: Facts): SeverLine[] {
  return edges
    .filter((edge) => edge.from === id)
    .map((edge) =>
      line(
        `link:${edge.from}:${edge.to}:${edge.layer}`,
        'chain_link',
        `What ${name} hands on to ${named(edge.to)}${edge.scopes.length === 0 ? ' (nobody knows what)' : ` (${edge.scopes.join(', ').replaceAll('_', ' ')})`}`,
        {
          layer: edge.layer,
          proof: {
            text: edge.source.text,
            href: `/map?focus=${encodeURIComponent(target.kind === 'party' ? target.id : id)}`,
          },
        },
      ),
    );
}

function unknownLines(
  { id, name, coverage, domains, grants, traces, accounts, edges }: VendorFacts,
  { target, recent }: Facts,
): SeverLine[] {
  const say = (code: string, what: string, href: string): SeverLine =>
    line(`unknown:${id}:${code}`, 'unknown', what, {
      layer: 'unknown',
      proof: { text: 'Where it would be known', href },
    });
  if (target.kind === 'field_class') {
    const blind = target.connections.filter(({ mode }) => mode !== 'enforce');
    return [
      say(
        'text',
        `Values within free text to ${name} are found only where the contract has text looked through.`,
        `/vendors/${id}`,
      ),
      say('went', `What of it crossed before stays with ${name}.`, `/vendors/${id}/exposures`),
      ...(blind.length === 0
        ? []
        : [
            say(
              'mode',
              `${count(blind.length, 'connection does', 'connections do')} not enforce the contract: the class is cut off all the same, the rest is not.`,
              `/vendors/${id}`,
            ),
          ]),
      ...(domains.length === 0
        ? []
        : [
            say(
              'egress',
              `The egress proxy sees no fields: apps that reach ${name} through it may send the class.`,
              '/egress',
            ),
          ]),
    ];
  }
  return [
    ...(coverage.isProven
      ? []
      : [say('coverage', `Traffic that goes around Drawbridge. ${coverage.text}`, `/vendors/${id}`)]),
    ...(domains.length === 0
      ? [
          say(
            'domains',
            `No domain of ${name} is known: the egress proxy does not know its hosts.`,
            '/egress',
          ),
        ]
      : []),
    ...(recent.some(({ vendor }) => vendor === id)
      ? []
      : [say('traffic', `No crossing to ${name} was seen in these days.`, `/crossings?vendor=${id}`)]),
    ...(grants.length === 0
      ? [say('grants', `No evidence of grants names ${name}: there may be some.`, '/discover')]
      : []),
    say(
      'webhooks',
      `Webhooks of ${name}, and keys that it holds to us, are in no evidence: look in its console, and in ours.`,
      '/discover',
    ),
    ...(traces.length === 0
      ? [
          say(
            'code',
            `No manifest or zone that was handed in names ${name}: its code may be in pages and programs.`,
            '/discover',
          ),
        ]
      : []),
    ...(accounts.length === 0
      ? [say('accounts', `No accounts of our people at ${name} were imported or seen.`, '/accounts')]
      : []),
    ...(edges.some((edge) => edge.from === id)
      ? []
      : [say('chain', `It is not known to whom ${name} hands data on.`, `/map?focus=${id}`)]),
  ];
}

export function consequencesOf(facts: Facts): Plan['consequences'] {
  const { target, vendors, days, named, people } = facts;
  const isWhole = target.kind === 'vendor' || target.kind === 'party';
  const epochs = isWhole
    ? vendors.flatMap(({ id, epoch }) => (epoch === null ? [] : [{ vendor: { id, name: named(id) }, epoch }]))
    : [];
  return {
    days,
    apps: appsThatStop(facts),
    connections: target.connections.map(({ id, name, state }) => ({ id, name, state })),
    substitutes: target.kind === 'field_class' ? [] : vendors.flatMap(({ substitutes }) => [...substitutes]),
    pseudonyms: {
      epochs,
      people: epochs.length === 0 ? null : people,
      text: pseudonymText(target, epochs.length, people),
    },
  };
}

function pseudonymText({ kind }: Target, epochs: number, people: number): string {
  if (kind === 'connection' || kind === 'field_class')
    return 'Pseudonyms are a vendor’s, not one connection’s: sever the vendor to destroy their secret.';
  if (epochs === 0) return 'No pseudonyms were made for it: there is nothing to destroy.';
  return `Destroying the secret can not be undone, not by reopening either. Pseudonyms of ${count(people, 'person', 'people')} that it holds can be joined with nothing of ours any more, by nobody, us included: no reports by person across that time, and a person’s wish to be deleted there can’t be sent on by pseudonym.`;
}
