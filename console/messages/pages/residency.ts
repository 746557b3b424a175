import { count, plural } from '../../design/format.ts';

/** Changing what was declared of where vendors keep data, and the table of providers' networks. */
export const residency = {
  statement: {
    act: 'Change',
    change: 'Change',
    changeOf: (what: string, place: string) => `Change: ${what}, ${place}`,
    changeTitle: 'Change a statement',
    changeLead: (version: number) =>
      `This makes version ${version + 1}. The one that holds now stays in the list of versions.`,
    submit: 'Make this version',
    withdraw: 'Withdraw',
    withdrawOf: (what: string, place: string) => `Withdraw: ${what}, ${place}`,
    withdrawTitle: 'Withdraw a statement',
    withdrawLead: (what: string, place: string) =>
      `That ${what} is in ${place} holds no longer, and is held against nothing: where that is, is then unknown. All versions stay.`,
    versions: (n: number) => `version ${count(n)}`,
    versionsOf: (what: string, place: string, n: number) =>
      `Versions: ${what}, ${place}, version ${count(n)}`,
    versionsTitle: 'Versions of a statement',
    versionsTable: 'Versions, the latest first',
    version: 'Version',
    said: 'Said',
    source: 'Source',
    by: 'Who, and why',
    withdrawn: 'withdrawn',
    asOf: (day: string) => `read on ${day}`,
  },
  declare: {
    eea: 'It stays in the European Economic Area: no transfer',
    dpfActive: 'The certificate is active',
    dpfHr: 'It covers data of staff',
    flags: { '': 'not known', yes: 'yes', no: 'no' } as const,
    derogation: 'Derogation, Art. 49(1)',
    derogationNone: 'none',
    letter: (letter: string) => `letter ${letter}`,
    conditions: 'Only under these conditions',
    conditionsLead: 'As the contract names them. Empty: always.',
    plan: 'Plan',
    region: 'Region',
    option: 'Option',
  },
  ranges: {
    title: 'Networks of providers',
    lead: 'Addresses whose host does not tell are placed by the lists that providers publish.',
    none: 'No table was brought in: an address whose host does not tell is unknown.',
    make: 'Fetch the lists, make a table of them, and bring it in. It is worth its date.',
    makeLabel: 'How to make a table',
    code: 'node bin/run.mjs scripts/ranges.ts\nnode bin/run.mjs scripts/ranges.ts ranges.txt aws=ip-ranges.json@2026-11-22 cloudflare=ips.txt@2026-11-22',
    table: 'Tables that were brought in, the one in use first',
    version: 'Table',
    inUse: 'in use',
    of: 'Lists of',
    list: (provider: string, day: string) => `${provider}, ${day}`,
    networks: 'Networks',
    by: 'Brought in',
    why: 'Why',
    old: (days: number) => `The oldest list in it is of ${plural(days, 'day', 'days')} ago.`,
    bring: 'Bring a table in',
    bringTitle: 'Bring in a table of networks',
    bringLead:
      'It takes the place of the one in use at once, and what was seen is placed anew. The last five tables are kept.',
    file: 'Table that scripts/ranges.ts made',
    tooLong: (most: number) =>
      `It has more than ${count(most)} characters, which is all that a table may have.`,
    notText: 'The file could not be read. Choose it again.',
    reading: 'It is read and checked',
    sent: (sent: number, of: number) =>
      `Sent ${of === 0 ? 100 : Math.min(100, Math.floor((sent / of) * 100))} %`,
    done: (networks: number, lists: number) =>
      `In use: ${plural(networks, 'network', 'networks')} of ${plural(lists, 'list', 'lists')}.`,
    line: (line: number) => `Line ${count(line)} of the file`,
    stop: 'Stop',
    stopped: 'It was stopped. Where it had arrived already, it is in the list.',
    submit: 'Bring it in',
  },
} as const;
