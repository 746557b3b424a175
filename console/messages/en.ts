import { accounts } from './pages/accounts.ts';
import { apps } from './pages/apps.ts';
import { audit } from './pages/audit.ts';
import { configuration } from './pages/configuration.ts';
import { connect } from './pages/connect.ts';
import { connection } from './pages/connection.ts';
import { crossings } from './pages/crossings.ts';
import { factors } from './pages/factors.ts';
import { gatewayLogs } from './pages/gateway-logs.ts';
import { modes } from './pages/modes.ts';
import { outsider } from './pages/outsider.ts';
import { overview } from './pages/overview.ts';
import { people } from './pages/people.ts';
import { policies } from './pages/policies.ts';
import { profile } from './pages/profile.ts';
import { replay } from './pages/replay.ts';
import { review } from './pages/review.ts';
import { roles } from './pages/roles.ts';
import { seen } from './pages/seen.ts';
import { settings } from './pages/settings.ts';
import { signIn } from './pages/sign-in.ts';
import { vendors } from './pages/vendors.ts';
import { welcome } from './pages/welcome.ts';

/** Everything the console says, in English. A translation has the same shape. */
export const m = {
  accounts,
  apps,
  audit,
  configuration,
  connect,
  connection,
  crossings,
  factors,
  gatewayLogs,
  modes,
  outsider,
  overview,
  people,
  profile,
  policies,
  replay,
  review,
  roles,
  seen,
  settings,
  signIn,
  vendors,
  welcome,

  common: {
    loading: 'Loading',
    tryAgain: 'Try again',
    close: 'Close',
    cancel: 'Cancel',
    save: 'Save',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Select and copy by hand',
    terminal: 'Terminal',
    never: 'never',
    none: 'none',
    unknown: 'unknown',
    example: 'An example, made up:',
    reason: 'Why',
    reasonHint: 'Goes on record beside the change. 3 to 500 characters.',
    all: 'All',
    open: 'Open',
    severed: 'Severed',
  },

  treatment: {
    legend: 'What the colours and shapes mean',
    pass: { got: 'passed', act: 'Pass', means: 'The vendor got the value as the app sent it.' },
    generalise: { got: 'generalised', act: 'Generalise', means: 'The vendor got a coarser value.' },
    pseudonymise: {
      got: 'pseudonymised',
      act: 'Pseudonymise',
      means: 'The vendor got a pseudonym that is made for it alone and joins with no other vendor.',
    },
    tokenise: {
      got: 'tokenised',
      act: 'Tokenise',
      means: 'The vendor got a token; answers are turned back here.',
    },
    drop: { got: 'dropped', act: 'Drop', means: 'The vendor did not get it.' },
    refuse: { got: 'refused', act: 'Refuse', means: 'The whole crossing was refused because of it.' },
  },

  provenance: {
    observed: 'observed',
    observedTitle: '● Observed',
    observedMeans:
      'Counted from crossings that a gateway recorded before it sent them on. It covers the traffic that goes through Drawbridge and says nothing about other paths to the vendor.',
  },

  table: {
    columns: 'Columns',
    columnsOf: (table: string) => `Columns of ${table.replaceAll('-', ' ')}`,
    csv: (rows: string) => `CSV of these ${rows}`,
    allRows: (rows: number) => (rows === 1 ? '1 row.' : `${rows.toLocaleString('en-GB')} rows.`),
    someRows: (rows: string) => `First ${rows} rows; more are read as you scroll.`,
  },

  problem: {
    unreachable: {
      title: 'The control plane did not answer.',
      detail:
        'Look in the terminal where it runs; start it again with "npm start". Gateways keep serving meanwhile, and what you typed is kept.',
    },
    missing: 'There is nothing at this address.',
    notPermitted: 'Your roles do not permit this.',
    unexpected: {
      title: 'This page failed.',
      detail: 'Try again. If it fails again, the terminal where Drawbridge runs has the details.',
    },
  },

  rail: {
    label: 'Pages',
    skip: 'Skip to the page',
    overview: 'Overview',
    vendors: 'Vendors',
    crossings: 'Crossings',
    apps: 'Apps and keys',
    accounts: 'Accounts',
    keysEverywhere: 'Keys everywhere',
    policies: 'Policies',
    review: 'Review queue',
    replay: 'Replay',
    audit: 'Audit',
    people: 'People',
    profile: 'Your profile',
    settings: 'Settings',
    connect: 'Connect a vendor',
    palette: 'Go anywhere',
    search: 'Go anywhere',
    keys: 'Keys',
    more: 'More',
  },

  pulse: {
    live: 'Live',
    connecting: 'Connecting',
    lost: (since: string) => (since === 'now' ? 'Not live' : `Not live for ${since.replace(' ago', '')}`),
    gateway: (name: string, ago: string) => `Gateway ${name}, last seen ${ago}`,
    gatewayNever: (name: string) => `Gateway ${name} was never seen`,
    stale: (detail: string) => `What you see is from before: it could not be read again. ${detail}`,
    offline: 'You are offline. What you see is from before; what you typed is kept.',
    unreachable:
      'The control plane does not answer. What you see is from before; what you typed is kept. Gateways keep serving.',
  },

  palette: {
    title: 'Go to a page or do something',
    placeholder: 'Page, vendor, connection or act',
    page: 'Page',
    act: 'Act',
    vendor: 'Vendor',
    connection: 'Connection',
    refused: 'Refused crossings',
    nothing: 'Nothing by that name. Try the beginning of a word.',
  },

  keys: {
    title: 'Keys',
    key: 'Key',
    does: 'What it does',
    everywhere: [
      ['⌘K', 'Go to any page or act (Ctrl K elsewhere)'],
      ['?', 'Show this list'],
      ['/', 'Go to the first filter'],
    ],
    goTo: (page: string) => `Go to ${page}`,
    inTables: [
      ['j', 'Next row'],
      ['k', 'Previous row'],
      ['Enter', 'Open the row'],
      ['Esc', 'Close what is open'],
    ],
  },

  missing: {
    title: 'There is no page at this address',
    tab: 'Not found',
    lead: 'The address may be mistyped, or what it named was removed.',
    back: 'Go to the overview',
  },
} as const;
