import type { CoverageCounted, CoverageFindingKind } from '../../api/coverage-types.ts';
import { count, plural } from '../../design/format.ts';

const units: Record<CoverageCounted, [one: string, more: string]> = {
  requests: ['request', 'requests'],
  tokens: ['token', 'tokens'],
  connections: ['connection', 'connections'],
  lookups: ['lookup', 'lookups'],
  crossings: ['crossing', 'crossings'],
  millionths: ['millionth of a currency unit', 'millionths of a currency unit'],
};

/** Rounded down: what is less than all is never called all. */
const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`;

/** How much of the traffic to a vendor can be accounted for. */
export const coverage = {
  /** In the list of vendors. */
  column: {
    head: 'Coverage',
    loading: 'is measured',
    unknown: '? unknown',
    why: 'No report of use was handed in: how much of its traffic we see is unknown',
    known: (low: number, high: number) =>
      low === high ? `● ${percent(low)}` : `● ${percent(low)} to ${percent(high)}`,
    found: (open: number, strong: number) =>
      open === 0
        ? 'Over the last 30 days; no finding is open'
        : `Over the last 30 days; ${plural(open, 'finding is', 'findings are')} open, ${count(strong)} of them strong`,
    failed: 'Coverage could not be read, so that it is shown as unknown.',
  },
  title: 'Coverage',
  lead: 'What the vendor counts of our use, beside what crossed here. What nobody measured is unknown.',
  amount: (amount: number, unit: CoverageCounted | null) =>
    unit === null
      ? count(amount)
      : unit === 'millionths'
        ? `${(amount / 1_000_000).toFixed(2)} charged`
        : plural(amount, ...units[unit]),
  share: (low: number, high: number, unit: string) =>
    low === high
      ? `We saw ${percent(low)} of the ${unit} that it reports`
      : `We saw ${percent(low)} to ${percent(high)} of the ${unit} that it reports`,
  unknown: 'How much of the traffic we see is unknown',
  whole: (whole: number, days: number) => `All reports are here for ${whole} of ${days} days.`,
  missing: (of: readonly string[]) => `Not here for all of these days: reports of ${of.join(', ')}.`,
  batch: (amount: number) =>
    `${count(amount)} more went in batches, which are compared with nothing: they are many requests in one call.`,
  more: (amount: number, unit: CoverageCounted) =>
    `${plural(amount, ...units[unit])} more crossed than it reports: it may speak of another account, or not be done counting.`,
  span: 'Time',
  spans: { '30': '30 days', '90': '90 days', '366': 'a year' } as Record<string, string>,
  picture: (from: string, to: string) => `Use by day, ${from} to ${to}`,
  pictureOf: (days: number, unknown: number, past: number) =>
    `Use of ${plural(days, 'day', 'days')}: ${plural(past, 'day', 'days')} with use past the gateway, ${plural(unknown, 'day', 'days')} unknown. The table below has the same.`,
  legend: { seen: 'Crossed here', unsure: 'May have', past: 'Past us', unknown: 'Unknown' },
  table: 'The days as a table',
  head: {
    day: 'Day (UTC)',
    known: 'Reports',
    crossings: 'Crossings',
    reported: 'Reported',
    seen: 'Crossed here',
    unsure: 'May have',
    past: 'Past us',
  },
  states: { whole: 'all here', part: 'some here', unknown: 'unknown' },
  findings: {
    title: 'What does not fit',
    none: 'Nothing that was compared stands apart. What was not measured, nobody compared.',
    nothing: 'Nothing was compared yet: hand in a report of the vendor, or egress logs as evidence.',
    what: 'What',
    days: 'Days',
    evidence: 'Evidence',
    amount: 'How much',
    act: 'Act',
    settle: 'Settle',
    reopen: 'Open again',
    strong: 'Strong',
    reopened: 'There is more than when it was settled',
    settled: (by: string, reason: string) => `Settled by ${by}: ${reason}`,
    showSettled: (settled: number) => `Settled: ${count(settled)}`,
    record: (line: number) => `report, record ${line}`,
    lines: (file: string, lines: readonly number[]) =>
      `${file}, ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`,
    crossings: 'Crossings',
    text: {
      unknown_key: (key) => `The key ${key} is nobody’s here, and was used`,
      held_key: (key) => `The key ${key} is held elsewhere, and was used`,
      connection_key: (name) => `The key of ${name} was used elsewhere too`,
      past_gateway: (of) => `More was used than crossed (${of}); the report does not say with which key`,
      not_reported: (name) => `Crossings of ${name} that the report does not have`,
      more_than_reported: (name) => `More crossed than was reported (${name})`,
      charged: () => 'Charged for, on days without a crossing',
      host_past_gateway: (host, where) => `${host} was reached past the gateway (${where})`,
      other_host: (host, where) => `${host}, another of its hosts, was reached (${where})`,
      tunnel: (app) => `${app} reached it through the egress proxy: nobody knows what was sent`,
    } satisfies Record<CoverageFindingKind, (subject: string, where: string) => string> as Record<
      CoverageFindingKind,
      (subject: string, where: string) => string
    >,
    settleTitle: 'Settle a finding',
    settleLead: 'It stays on record with the reason. Another day, or more of one, opens it again.',
    settleDo: 'Settle it',
  },
  sources: {
    title: 'What was looked at',
    source: 'Source',
    speaksFor: 'Speaks for',
    counts: 'Counts of this vendor',
    gateway: 'Gateway’s traffic',
    report: (of: string, account: string) => `Report of ${of}${account === '' ? '' : `, ${account}`}`,
    traffic: (name: string, via: string) => `${name} (${via})`,
    proxy: 'Egress proxy',
    not: 'not measured',
    days: (days: number, first: string | null, last: string | null) =>
      days === 0 || first === null ? 'no day' : `${plural(days, 'day', 'days')}, ${first} to ${last}`,
    sees: 'is in it',
    seesNot: 'is not in it',
    seesUnknown: 'nobody said',
    say: 'Say it',
    sayTitle: 'Say what a source sees',
    sayLead:
      'Where the gateway’s own traffic is not in a log, each connection in it went past the gateway. Where it is, or nobody knows, only a day without a crossing shows that.',
    sayLabel: (source: string) => `What the gateway sends, in ${source}`,
    sayDo: 'Say so',
  },
  keys: {
    title: 'Keys in the reports',
    lead: 'Said whose a key is, use is compared connection by connection. Ids are the vendor’s; the keys themselves are in no report.',
    key: 'Key',
    whose: 'Whose',
    used: 'Used',
    nobody: 'not said',
    held: (label: string) => `held elsewhere: ${label}`,
    link: 'Say whose',
    linkTitle: 'Say whose a key is',
    connection: 'Connection',
    none: 'None of ours',
    linkDo: 'Say so',
  },
  fetching: {
    title: 'Fetched from the vendor',
    none: 'Its reports are not fetched: they come when somebody hands them in. With an admin credential they come by themselves.',
    button: 'Fetch reports',
    another: 'Fetch another account’s',
    sheet: (vendor: string) => `Fetch reports of use from ${vendor}`,
    lead: (host: string, of: readonly string[]) =>
      `The credential goes into the vault, and from there to ${host} alone. Fetched are reports of ${of.join(', ')}: counts by day and key, and nothing else. It replaces the one that is there for the account.`,
    value: 'Admin credential',
    account: 'Account',
    accountHint: 'Only where you have several accounts there: they add up.',
    often: 'How often',
    every: (hours: number | null) =>
      hours === null
        ? 'when somebody asks'
        : hours === 1
          ? 'every hour'
          : hours === 24
            ? 'daily'
            : hours === 168
              ? 'weekly'
              : `every ${hours} hours`,
    choices: [24, 6, 1, 168, null] as const,
    do: 'Fetch reports',
    head: {
      account: 'Account',
      often: 'How often',
      last: 'Last fetched',
      next: 'Next',
      wrong: 'What went wrong',
    },
    acts: 'Act',
    only: 'the only one',
    entered: (by: string, host: string) => `${host}, entered by ${by}`,
    never: 'never',
    atIt: 'being fetched',
    nothingPlanned: 'when somebody asks',
    fine: 'nothing',
    tries: (failed: number) => (failed < 2 ? '' : ` ${count(failed)} tries in a row.`),
    report: (of: string, text: string) => `${of}: ${text}`,
    now: 'Fetch now',
    nowTitle: 'Fetch reports now',
    nowLead: 'The vendor is asked at the next moment, unless it asked to wait.',
    change: 'Change',
    changeTitle: 'Say how often reports are fetched',
    changeDo: 'Say so',
    remove: 'Erase',
    removeTitle: 'Erase the credential',
    removeLead: 'Reports are fetched no more. Those that were stay. Revoke the key at the vendor too.',
    removeDo: 'Erase it',
  },
  handIn: {
    button: 'Hand in a report',
    title: 'Hand in a report of use',
    lead: 'As the vendor’s usage or cost API answers, or a table by day. Counts by day and key are kept, and nothing else. The same file counts once.',
    file: 'File',
    asOf: 'Fetched',
    asOfHint: 'When it came from the vendor (UTC). A day that was not over then stays unknown.',
    account: 'Account',
    accountHint: 'Only where you have several accounts there: they add up.',
    of: 'What it counts',
    ofHint: 'Only where nothing was used, so that it does not say: completions, embeddings, messages, …',
    send: 'Hand it in',
    stop: 'Stop',
    sent: (sent: number, all: number) => `${Math.floor((100 * sent) / Math.max(1, all))} % sent`,
    reading: 'Being read',
    done: (of: string, first: string, last: string) => `Taken in: ${of}, ${first} to ${last}.`,
    again: 'This file was here already: nothing changed.',
    more: 'The vendor has more pages than are in this file: the days in them are unknown.',
  },
  reports: {
    title: 'Reports that were handed in',
    report: 'Report',
    days: 'Days',
    fetched: 'Fetched',
    by: 'By',
    more: 'Earlier reports',
    withdraw: 'Withdraw',
    withdrawTitle: 'Withdraw a report',
    withdrawLead:
      'It counts no longer. The log keeps that it was here. The same file may be handed in again.',
    withdrawDo: 'Withdraw it',
  },
};
