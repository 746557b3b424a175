import type { ApiError } from '../api/client.ts';
import type { EgressRules } from '../api/egress-types.ts';

/** The lists of the rules, one entry a line when they are edited. */
export const listNames = [
  'allow_vendors',
  'allow_hosts',
  'allow_countries',
  'deny_vendors',
  'deny_hosts',
  'networks',
  'connect_ports',
  'http_ports',
] as const;
export type ListName = (typeof listNames)[number];

export const isListName = (text: string | undefined): text is ListName =>
  listNames.some((name) => name === text);

/** What is on a list. */
export function entriesOf(rules: EgressRules, list: ListName): string[] {
  switch (list) {
    case 'allow_vendors':
      return rules.allow.vendors;
    case 'allow_hosts':
      return rules.allow.hosts;
    case 'allow_countries':
      return rules.allow.countries;
    case 'deny_vendors':
      return rules.deny.vendors;
    case 'deny_hosts':
      return rules.deny.hosts;
    case 'networks':
      return rules.networks;
    case 'connect_ports':
      return rules.ports.connect.map(String);
    case 'http_ports':
      return rules.ports.http.map(String);
  }
}

/** What is sent so that a list has these entries; all the others stay as they are. */
export function changeOf(rules: EgressRules, list: ListName, entries: readonly string[]): object {
  const { allow, deny, ports } = rules;
  switch (list) {
    case 'allow_vendors':
      return { allow: { ...allow, vendors: entries } };
    case 'allow_hosts':
      return { allow: { ...allow, hosts: entries } };
    case 'allow_countries':
      return { allow: { ...allow, countries: entries } };
    case 'deny_vendors':
      return { deny: { ...deny, vendors: entries } };
    case 'deny_hosts':
      return { deny: { ...deny, hosts: entries } };
    case 'networks':
      return { networks: entries };
    case 'connect_ports':
      return { ports: { ...ports, connect: entries.map(Number) } };
    case 'http_ports':
      return { ports: { ...ports, http: entries.map(Number) } };
  }
}

/** Where the answers of the control plane say that an entry is wrong. */
const fields: Readonly<Record<ListName, string>> = {
  allow_vendors: 'allow.vendors',
  allow_hosts: 'allow.hosts',
  allow_countries: 'allow.countries',
  deny_vendors: 'deny.vendors',
  deny_hosts: 'deny.hosts',
  networks: 'networks',
  connect_ports: 'ports.connect',
  http_ports: 'ports.http',
};

interface Entry {
  /** In its one spelling. */
  text: string;
  /** From 1: the line on which it stands first. */
  line: number;
}

/** The entries of a text with one a line, each once, in the order in which the control plane keeps them. */
export function readEntries(list: ListName, text: string): Entry[] {
  const found = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    const plain = line.trim();
    if (plain === '') continue;
    const entry = list === 'allow_countries' ? plain.toUpperCase() : plain.toLowerCase();
    if (!found.has(entry)) found.set(entry, index + 1);
  }
  const entries = [...found].map(([entry, line]) => ({ text: entry, line }));
  const isPorts = list === 'connect_ports' || list === 'http_ports';
  return entries.sort((a, b) =>
    isPorts ? Number(a.text) - Number(b.text) : a.text < b.text ? -1 : a.text > b.text ? 1 : 0,
  );
}

/** Lines that can't be what the list has, before anything is sent: a port is a number. */
export function wrongPorts(list: ListName, entries: readonly Entry[]): Entry[] {
  if (list !== 'connect_ports' && list !== 'http_ports') return [];
  return entries.filter(({ text }) => !/^[1-9]\d{0,4}$/.test(text) || Number(text) > 65_535);
}

/** What the control plane found wrong with a list, by the lines of the text; null: it is about something else. */
export function wrongLines(
  error: ApiError,
  list: ListName,
  entries: readonly Entry[],
): { line: number; text: string; message: string }[] | null {
  const told = error.fields.length > 0 ? error.fields : splitDetail(error.message);
  const found = told.flatMap(({ field, message }) => {
    const index = field.startsWith(`${fields[list]}.`) ? Number(field.slice(fields[list].length + 1)) : NaN;
    const entry = entries[index];
    return entry === undefined ? [] : [{ ...entry, message: withoutEntry(message, entry.text) }];
  });
  return found.length === 0 ? null : found;
}

/** `networks.0: 10.1.2.3/8 does not begin …` as a field and what is wrong with it. */
function splitDetail(detail: string): { field: string; message: string }[] {
  const [, field, message] = /^([a-z_.]+\.\d+): (.*)$/s.exec(detail) ?? [];
  return field === undefined || message === undefined ? [] : [{ field, message }];
}

const withoutEntry = (message: string, entry: string): string =>
  message.startsWith(`${entry} `) ? message.slice(entry.length + 1) : message;

/** What comes on a list and what goes off it. */
export function differenceOf(
  was: readonly string[],
  will: readonly string[],
): { added: string[]; gone: string[] } {
  return {
    added: will.filter((one) => !was.includes(one)),
    gone: was.filter((one) => !will.includes(one)),
  };
}
