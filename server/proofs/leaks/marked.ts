import type { Needle } from '../search/search.ts';

/** What must be found nowhere. All made up, and each unlike anything that could be there by chance. */

/** A person, with what apps know of one. */
export const person = {
  email: 'nadja.zobrist-q1@example.com',
  name: 'Nadja Zobrist-Čapek',
  phone: '+41 79 555 01 99 77',
  userId: 'customer-raw-7781-q2',
  deviceId: 'device-raw-90c4-q3',
  orgId: 'organisation-raw-5512-q4',
  orgName: 'Quokka & Söhne Holding',
  city: 'Oberquokkaburg',
  forwardedFor: '198.51.100.177',
  realIp: '203.0.113.199',
  ownIp: '192.0.2.123',
  sixIp: '2001:db8:7a:71::99',
  agent: 'QuokkaBrowser/77.12 (MarkedSystem 9.4; rv:31)',
  referrer: 'https://search.example.net/find?q=nadja+quokka+salary',
  url: 'https://app.example.org/people/quokka-path-q5/edit?token=quokka-query-q6',
  locale: 'xq-QUOKKA-x-private',
  cookie: 'session=quokka-cookie-q7',
  prompt: 'Write to quokka-prompt-q8 about the raise',
  tool: 'quokka-tool-argument-q9',
  metadata: 'quokka-metadata-q10',
  account: 'org-quokka-account-q11',
  requestId: 'quokka-request-id-q12',
  note: 'quokka-note-q13 has been ill since May',
  pathSegment: 'quokka-segment-q14',
  fragment: 'quokka-fragment-q15',
} as const;

/** Personal data where names should be. */
export const hidden = {
  eventName: 'Invited by quokka-event-q16@example.com',
  propertyName: 'note about Quokka-Property-q17',
  metadataName: 'quokka-key-q18@example.com',
  queryName: 'quokka-parameter-q19',
  headerName: 'x-quokka-header-q20',
  slug: 'quokka-slug-q21',
} as const;

/** Vendors' credentials. */
export const credentials = {
  openai: 'sk-madeup-QuokkaCredential-0001-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
  replaced: 'sk-madeup-QuokkaReplaced-0002-ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210',
  mixpanel: 'QuokkaProjectToken0003aabbccddeeff00112233',
  refused: 'sk-madeup-QuokkaRefused-0004-with a blank in its middle',
} as const;

/** What a vendor says of people in its answers. */
export const vendorWords = 'quokka-vendor-error-q22 is not a member of quokka-team-q23';

const named = (values: Readonly<Record<string, string>>, group: string): Needle[] =>
  Object.entries(values).map(([name, value]) => ({ name: `${group} ${name}`, value }));

/** Marks that also stand alone: parts of longer values that could be cut out of them. */
const parts = [
  'zobrist-q1',
  'Zobrist-Čapek',
  'quokka+salary',
  'quokka-path-q5',
  'quokka-query-q6',
  'quokka-cookie-q7',
  'quokka-prompt-q8',
  'quokka-note-q13',
  'QuokkaBrowser',
  'MarkedSystem',
  'quokka-event-q16',
  'Quokka-Property-q17',
  'quokka-key-q18',
  'QuokkaCredential',
  'QuokkaReplaced',
  'QuokkaProjectToken',
  'QuokkaRefused',
  'quokka-vendor-error-q22',
  'quokka-team-q23',
];

export const markedNeedles: readonly Needle[] = [
  ...named(person, 'person'),
  ...named(hidden, 'hidden'),
  ...named(credentials, 'credential'),
  ...parts.map((value) => ({ name: `part ${value}`, value })),
];
