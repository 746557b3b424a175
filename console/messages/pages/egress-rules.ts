import { count, plural } from '../../design/format.ts';

const hosts = (n: number) => plural(n, 'host', 'hosts');

const SHOWN = 20;
const some = (entries: readonly string[]): string =>
  entries.length > SHOWN
    ? `${entries.slice(0, SHOWN).join(', ')} and ${count(entries.length - SHOWN)} more`
    : entries.join(', ');

/** The lists of the egress proxy, and changing them. */
export const egressRules = {
  title: 'Rules',
  lead: (version: number, by: string, reason: string) =>
    `Version ${count(version)}, made by ${by}: ${reason}`,
  table: 'Rules of the egress proxy',
  list: 'List',
  has: 'What is on it',
  change: 'Change',
  changeOf: (list: string) => `Change: ${list}`,
  nothing: 'nothing',
  more: (n: number) => `and ${count(n)} more`,
  apps: 'Apps',
  appsDo: 'Their secret keys open the proxy.',
  sni: 'Name in the TLS greeting',
  sniOn: 'has to be the host that was asked for',
  sniOff: 'is not looked at',
  sniDoes: 'Else one address that many hosts share is reached under another name.',
  severed: 'Severed',
  severedDo: 'Out of reach in every mode. A connection that is severed cuts its vendor off here, too.',
  severedBy: 'by connections',
  names: {
    allow_vendors: 'Approved vendors',
    allow_hosts: 'Allowed hosts',
    allow_countries: 'Allowed countries',
    deny_vendors: 'Denied vendors',
    deny_hosts: 'Denied hosts',
    networks: 'Private networks',
    connect_ports: 'Ports for CONNECT',
    http_ports: 'Ports for plain HTTP',
  },
  means: {
    allow_vendors: 'All hosts that are known to be theirs.',
    allow_hosts: 'By name, or all below a name.',
    allow_countries: 'Vendors that have their seat there. One whose seat is not known is in none.',
    deny_vendors: 'Denied beats allowed.',
    deny_hosts: 'Denied beats allowed.',
    networks: 'Not public, and reached all the same. Every other private address is refused in every mode.',
    connect_ports: 'Others are refused in every mode.',
    http_ports: 'Others are refused in every mode.',
  },
  hints: {
    allow_vendors: 'One id a line, such as github.',
    allow_hosts: 'One a line: api.example.com, or *.example.com for all below it and not itself.',
    allow_countries: 'One a line, two letters, such as DE.',
    deny_vendors: 'One id a line, such as github.',
    deny_hosts: 'One a line: api.example.com, or *.example.com for all below it and not itself.',
    networks: 'One a line, such as 10.20.0.0/16. None is wider than /8 (IPv6: /7).',
    connect_ports: 'One a line, such as 443.',
    http_ports: 'One a line, such as 80.',
  },
  vendor: 'A vendor by its name',
  vendorHint: 'Its id comes on the list.',
  add: 'Add it',
  added: (entries: readonly string[]) => `Comes on it: ${some(entries)}`,
  gone: (entries: readonly string[]) => `Goes off it: ${some(entries)}`,
  same: 'Nothing is different from the rules in force.',
  wrongPort: 'is no port from 1 to 65535',
  wrong: 'What is wrong',
  line: (line: number, text: string, message: string) => `Line ${count(line)}, ${text}: ${message}`,
  preview: {
    title: 'What would be different',
    looking: 'Looking at what was used lately',
    loosens: 'It opens more than now. Where changes wait for a second person, this one waits.',
    tightens: 'It opens nothing more than now, and waits for nobody.',
    counts: (used: number, days: number, was: number, will: number) =>
      used === 0
        ? `No host was used in the last ${days} days.`
        : `Of ${hosts(used)} used in the last ${days} days, enforce refuses ${count(was)} now, and would refuse ${count(will)}.`,
    opened: (n: number) => `${hosts(n)} would pass`,
    shut: (n: number) => `${hosts(n)} would be refused`,
    none: 'No host that was used lately is judged otherwise.',
    host: 'Host',
    nobody: '? vendor not known',
    why: 'Why',
    apps: 'Apps',
    crossings: 'Crossings',
    told: (n: number) => `The ${count(n)} that are used most.`,
  },
  save: 'Save',
  choose: 'Apps that may use the proxy',
  sniTitle: 'The name in the TLS greeting',
  sniChoices: {
    true: {
      label: 'It has to be the host that was asked for',
      hint: 'Another name, and a greeting that can’t be read, is refused in enforce.',
    },
    false: { label: 'It is not looked at', hint: 'A shared address can be reached under another name.' },
  },
} as const;
