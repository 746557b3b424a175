/** The words of the protocol, without schemas: what a browser needs to name things costs no validator. */

/**
 * The field classes: what a piece of data is. The vocabulary of contracts, leaves, exposure and console.
 * `quotable` says whether a stranger who holds the value could quote it to a person to be believed.
 */
export const fieldClasses = {
  'person.email': { label: 'E-mail address', about: 'person', quotable: true },
  'person.phone': { label: 'Phone number', about: 'person', quotable: true },
  'person.name': { label: 'Name', about: 'person', quotable: true },
  'person.id': { label: 'User id', about: 'person', quotable: false },
  'person.attribute': { label: 'Other personal attribute', about: 'person', quotable: true },
  'device.id': { label: 'Device id', about: 'person', quotable: false },
  'device.user_agent': { label: 'User agent', about: 'person', quotable: true },
  'device.browser': { label: 'Browser', about: 'person', quotable: true },
  'device.os': { label: 'Operating system', about: 'person', quotable: true },
  'device.screen': { label: 'Screen and device model', about: 'person', quotable: false },
  'device.locale': { label: 'Language and time zone', about: 'person', quotable: false },
  'network.ip': { label: 'IP address', about: 'person', quotable: true },
  'geo.country': { label: 'Country', about: 'person', quotable: true },
  'geo.region': { label: 'Region', about: 'person', quotable: true },
  'geo.city': { label: 'City', about: 'person', quotable: true },
  'org.id': { label: 'Organisation id', about: 'organisation', quotable: true },
  'org.name': { label: 'Organisation name', about: 'organisation', quotable: true },
  'org.vendor_account': { label: 'Our account or project id at the vendor', about: 'us', quotable: true },
  'web.url': { label: 'Page address', about: 'person', quotable: true },
  'web.referrer': { label: 'Referrer', about: 'person', quotable: true },
  'web.title': { label: 'Page title', about: 'person', quotable: true },
  'web.campaign': { label: 'Campaign and search words', about: 'person', quotable: true },
  'event.name': { label: 'Event name', about: 'use', quotable: false },
  'event.time': { label: 'Event time', about: 'use', quotable: true },
  'event.id': { label: 'Event id', about: 'use', quotable: false },
  'event.property': { label: 'Event property', about: 'use', quotable: true },
  'event.unmapped': { label: 'Property that no rule maps', about: 'use', quotable: true },
  'content.prompt': { label: 'Prompt text', about: 'content', quotable: true },
  'content.instruction': { label: 'Instructions to the model', about: 'content', quotable: false },
  'content.tool': { label: 'Tool names, schemas and arguments', about: 'content', quotable: true },
  'content.media': { label: 'Image, audio or file', about: 'content', quotable: true },
  'content.metadata': { label: 'Metadata set by the app', about: 'content', quotable: true },
  'content.unmapped': { label: 'Parameter that no rule maps', about: 'content', quotable: true },
  'file.name': { label: 'File name', about: 'content', quotable: true },
  'model.parameter': { label: 'Model and its settings', about: 'technical', quotable: false },
  'sdk.technical': { label: 'SDK name, version and runtime', about: 'technical', quotable: false },
  'secret.api_key': { label: 'API key', about: 'secret', quotable: false },
  'secret.token': { label: 'Access token', about: 'secret', quotable: false },
  'secret.password': { label: 'Password', about: 'secret', quotable: false },
  'secret.private_key': { label: 'Private key', about: 'secret', quotable: false },
  'person.address': { label: 'Postal address', about: 'person', quotable: true },
  'person.birth_date': { label: 'Date of birth', about: 'person', quotable: true },
  'person.national_id': { label: 'National id number', about: 'person', quotable: true },
  'payment.card': { label: 'Card number', about: 'person', quotable: true },
  'payment.iban': { label: 'Bank account (IBAN)', about: 'person', quotable: true },
  'network.mac': { label: 'MAC address', about: 'person', quotable: false },
  'business.term': { label: 'Word that is ours alone', about: 'us', quotable: true },
  'business.marker': { label: 'Mark of confidentiality', about: 'us', quotable: false },
  'custom.match': { label: 'Match of a pattern of ours', about: 'us', quotable: false },
} as const satisfies Record<string, { label: string; about: string; quotable: boolean }>;

export type FieldClass = keyof typeof fieldClasses;

/**
 * What can be found within free text, in the order in which contracts list it: what the text was before stays a class
 * of its own (`content.prompt`), and each finding is treated and counted by its class.
 */
export const foundClasses = [
  'secret.api_key',
  'secret.token',
  'secret.password',
  'secret.private_key',
  'person.email',
  'person.phone',
  'person.name',
  'person.address',
  'person.birth_date',
  'person.national_id',
  'payment.card',
  'payment.iban',
  'network.ip',
  'network.mac',
  'org.name',
  'web.url',
  'business.term',
  'business.marker',
  'custom.match',
] as const satisfies readonly FieldClass[];

/** Classes whose values are text that people or apps wrote: what a contract lets pass of them is looked through. */
export const freeTextClasses = [
  'content.prompt',
  'content.instruction',
  'content.tool',
  'content.metadata',
  'content.unmapped',
  'file.name',
  'person.attribute',
  'web.title',
  'event.property',
  'event.unmapped',
] as const satisfies readonly FieldClass[];

/** Treatments in the order from most to least that the vendor gets: the order of colours and of columns. */
export const treatmentNames = ['pass', 'generalise', 'pseudonymise', 'tokenise', 'drop', 'refuse'] as const;

export const shapes = [
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'email',
  'url',
  'ip',
  'uuid',
  'time',
  'hex',
  'array',
  'object',
] as const;

/**
 * What is done with a connection's data contract and policies. `observe`: nothing is changed, and what they would have
 * done is recorded; `minimise`: data is minimised, and nothing is refused because of what it is; `enforce`: as they say.
 */
export const connectionModes = ['observe', 'minimise', 'enforce'] as const;
export type ConnectionMode = (typeof connectionModes)[number];

/** The mode that a crossing was taken in: `break_glass` while contract and policies were lifted for a time. */
export const crossingModes = [...connectionModes, 'break_glass'] as const;
export type CrossingMode = (typeof crossingModes)[number];

/**
 * What the egress proxy does with its lists. `observe`: all pass, and what would be refused is recorded; `warn`: the same,
 * and the client is told; `enforce`: what the lists do not let through is refused.
 */
export const egressModes = ['observe', 'warn', 'enforce'] as const;
export type EgressMode = (typeof egressModes)[number];

/**
 * How an exchange through the egress proxy ended: by the client or the remote side; nothing went over it for too long; the
 * gateway cut it off; the gateway stopped; it never began.
 */
export const egressEnds = ['client', 'remote', 'idle', 'cut', 'stopped', 'none'] as const;
export type EgressEnd = (typeof egressEnds)[number];

/**
 * The name in a TLS greeting beside the host that was asked for: the same, another one, none (or no TLS), or a greeting that
 * could not be read.
 */
export const egressNames = ['same', 'other', 'none', 'unreadable'] as const;
export type EgressName = (typeof egressNames)[number];

/** The ten stages, in order: timings are given in this order. */
export const stages = [
  'accept',
  'authenticate',
  'admit',
  'inspect',
  'minimise',
  'authorise',
  'record',
  'forward',
  'restore',
  'settle',
] as const;
export type Stage = (typeof stages)[number];
