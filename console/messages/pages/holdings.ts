import { plural } from '../../design/format.ts';

/** Accounts of our people at a vendor, and who stands behind its console. */
export const holdings = {
  title: 'Accounts of our people here',
  lead: 'What the vendor’s own console collects of them, and whom it calls. None of it crosses the gateway.',
  people: (people: number) => `${plural(people, 'person has', 'people have')} an account here`,
  accounts: (accounts: number) => plural(accounts, 'account', 'accounts'),
  visits: (count: number, last: string) =>
    `${plural(count, 'visit', 'visits')} recorded, the newest of ${last}.`,
  behind: 'Parties behind the console',
  party: 'Party',
  gets: 'Fields seen',
  marks: 'How it is known',
  lastSeen: 'Last seen',
  nothing: 'no field seen',
  more: (fields: number) => `and ${fields} more`,
  observed: '● observed',
  declared: '○ declared',
  inferred: '◌ inferred',
  notDeclared: 'not declared',
  whose: '? not known whose',
  notSeenIn: (day: string) => `not seen in the visit of ${day}`,
  fields: 'Fields that it collects',
  field: 'Field',
  layer: 'Layer',
  source: 'Source',
  since: 'Since',
  receivers: 'Sent to',
  unknown: 'Not known',
  handIn: {
    button: 'Hand in a visit',
    title: 'Hand in a visit to the console',
    lead: 'Open the browser’s developer tools, Network, and keep the log over pages. Sign in to the console, open the pages that people use, and save it all as HAR.',
    dropped:
      'Kept are hosts, public addresses and the names of what was sent to them. Values, cookies and answers are dropped as the file is read; the file is not kept.',
    file: 'HAR file',
    day: 'Day of the visit',
    dayHint: 'In UTC',
    reading: 'Reading',
    sent: (sent: number, of: number) => `Sent ${of === 0 ? 100 : Math.floor((sent / of) * 100)} %`,
    done: (hosts: number, entries: number, unread: number) =>
      `Taken in: ${plural(entries, 'call', 'calls')} to ${plural(hosts, 'host', 'hosts')}${unread === 0 ? '.' : `; ${plural(unread, 'place', 'places')} could not be read.`}`,
    again: 'This file was taken in already.',
    stop: 'Stop',
    send: 'Hand it in',
  },
};
