import type { Blast } from '@drawbridge/control';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

export interface BlastOptions {
  from?: string;
  to?: string;
  json?: boolean;
}

/** `drawbridge blast-radius`: what a vendor may hold of ours, and about whom. Throws ConfigError. */
export async function blastRadiusCommand(
  flags: ConfigFlags,
  vendor: string,
  options: BlastOptions,
): Promise<void> {
  const asked = new URLSearchParams();
  for (const end of ['from', 'to'] as const) {
    const time = options[end];
    if (time !== undefined) asked.set(end, momentOf(`--${end}`, time));
  }
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const path = `/blast-radius/${encodeURIComponent(vendor)}?${asked}`;
  const blast = await callRunning<Blast>(note, 'GET', path);
  process.stdout.write(options.json === true ? `${JSON.stringify(blast)}\n` : blastText(blast));
}

/** A day is its first moment in UTC. */
function momentOf(flag: string, given: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given);
  const hasZone = /T.*(?:Z|[+-]\d{2}:\d{2})$/.test(given);
  const time = Date.parse(given);
  if (Number.isNaN(time) || !(isDay || hasZone)) {
    throw new ConfigError(
      flag,
      `"${given}" is no day, and no time with its zone`,
      '2025-11-08T14:10:00+01:00',
    );
  }
  return new Date(time).toISOString();
}

function blastText(blast: Blast): string {
  const { party, people, data, accounts, credentials, dependents, workflows, chain, notAffected, unknown } =
    blast;
  const parts: [string, string[]][] = [
    [`${party.name}, breached between ${blast.from} and ${blast.to}`, [blast.whose.text]],
    [
      'People',
      [
        `${people.people} may be touched: ${people.peopleInWindow} of whom something crossed in that time, ${people.peopleAsDeclared} if it kept to its declared retention.`,
        ...people.groups
          .slice(0, 10)
          .map(
            (group) =>
              `${group.people}: ${group.classes.map(({ label, treatment }) => `${label} (${treatment})`).join(', ')}; phishability ${group.phishability.total} of 100`,
          ),
        ...(people.moreGroups > 0 ? [`and ${people.moreGroups} more groups`] : []),
        ...(people.places ?? []).map(
          ({ country, language, people: count }) =>
            `${count}: ${country === null ? 'country unknown' : `in ${country}`}, ${language === null ? 'language unknown' : `reads ${language}`}`,
        ),
      ],
    ],
    [
      'Data',
      data.map(
        (row) =>
          `${row.label} (${row.class}), ${row.treatment}, ${row.layer}: ${row.people ?? 'unknown how many'} people, ${row.firstSeenAt ?? 'unknown'} to ${row.lastSeenAt ?? 'unknown'}${row.vendor.id === party.id ? '' : `, by way of ${row.vendor.name}`}; ${placesText(row.places)}`,
      ),
    ],
    [
      'Accounts of our people',
      accounts.map(
        (one) =>
          `${one.vendor.name}: ${one.people ?? 'unknown how many'} people, ${one.layer}; ${one.fields.map(({ name, layer }) => `${name} (${layer})`).join(', ') || 'fields unknown'}`,
      ),
    ],
    ['Credentials', credentials.map((one) => `${one.name} (${one.kind}). ${one.doText}`)],
    [
      'What depends on it',
      [
        ...dependents.map(
          (one) =>
            `${one.app.name}, to ${one.vendor.name}: ${one.crossings} crossings, last ${one.lastSeenAt}`,
        ),
        ...workflows.map(
          (one) =>
            `${one.name} (${one.kind}, ${one.layer}), to ${one.vendor.name}${one.app === null ? '' : `, of ${one.app.name}`}: ${one.source}, last ${one.lastSeenAt ?? 'unknown'}`,
        ),
      ],
    ],
    [
      'Further down',
      [
        ...chain.sharedBy.map(({ name }) => `${name} hands data on to it`),
        ...chain.behind.map(({ name, layer }) => `it hands data on to ${name} (${layer})`),
      ],
    ],
    ['Not affected', notAffected.map((one) => `${one.label}: ${one.text}`)],
    ['Unknown', unknown.map(({ text }) => text)],
  ];
  return parts
    .map(
      ([title, lines]) =>
        `${title}\n${(lines.length === 0 ? ['nothing known'] : lines).map((line) => `  ${line}\n`).join('')}`,
    )
    .join('\n');
}

type Places = Blast['data'][number]['places'];
const placesText = (places: Places): string =>
  places.length === 0
    ? 'where it is kept is unknown'
    : places
        .map(
          ({ kind, place, jurisdiction, layer }) =>
            `${kind} in ${place}${jurisdiction === null ? '' : ` under the law of ${jurisdiction}`} (${layer})`,
        )
        .join(', ');
