import { count, plural } from '../../design/format.ts';

/** What somebody outside is given, who believes nothing of what we say. */
export const outsider = {
  change: (id: string) => `Change ${id}: its proof`,
  crossing: (id: string) => `Crossing ${id}: its proof`,
  title: 'Check it without us',
  lead: 'A zip for somebody who believes nothing of what we say: entry, proof, checkpoint, key, the script that checks them, and a page that explains how, and what it does not prove. It is put together in your browser.',
  download: 'Download for an outsider',
  include: 'What goes along',
  nothingElse: 'Unless ticked, nothing that is kept beside the log goes along.',
  row: 'Who did it, why, and all detail',
  rowHint: 'The row as JSON and its salt. It names a person, and is no longer yours to take back.',
  rowFile: 'Who, what, why and all detail, as the entry commits to it. It may name persons.',
  saltFile: 'Random bytes that were hashed with the row, so that nobody could guess it from the entry.',
  item: (index: number, subject: string) => `Item ${index + 1}: ${subject}`,
  itemNobody: 'about nobody who is known',
  itemAbout: (pseudonym: string) => `about ${pseudonym}`,
  itemHolds: (fields: string) =>
    fields === ''
      ? 'It names no kind of data.'
      : `It holds no value, but which kinds went, and how: ${fields}.`,
  itemHint: 'And the subject’s pseudonym here, by which those who get several items can join them.',
  itemErased: (index: number) => `Item ${index + 1}: erased. Only its hash is left.`,
  itemsGone: 'The gateway had deleted the items before they were shipped: there is nothing to give along.',
  itemsNone: 'The crossing has no items.',
  itemFile:
    'Of one subject: a pseudonym, kinds of data, how each was treated, and the item’s own salt. No values.',
  hashFile: 'The hash of an item that is not here. It says nothing of what the item holds.',
  lines: 'What they run, offline',
  bytes: {
    leaf: 'The record’s entry and checkpoint, byte for byte',
    settlement: 'The settlement’s entry and checkpoint, byte for byte',
    change: 'Entry and checkpoint, byte for byte',
  },

  page: {
    lead: 'This folder shows that the holder of a key has signed a log in which one entry stands. You can check that on your own machine, with the network off, without believing who gave it to you.',
    origin: 'Log',
    verifierKey: 'Key',
    how: 'How to check it',
    howLead:
      'You need Node 18.11 or newer. Unpack the zip, open a terminal in this folder, and run each line:',
    result:
      'The last line of each is VERIFIED, and the exit code 0. Anything else, and the exit code 1: it does not verify. 2: it was used wrongly, or a file could not be read.',
    opened:
      'An entry holds no personal data itself: it commits to what is kept beside it. This shows that what lies here is what the entry commits to:',
    closed:
      'Where an entry commits to more than it says, it does so by a hash with random bytes. What that is lies beside the log, and was not given along.',
    trust: [
      'Compare the key with one that reached you by another way: a contract, paper, a call. With a key from this folder alone you check the log of whoever made the folder.',
      'You need not trust the scripts that lie here. Each is short enough to be read in one sitting; verify.mjs also stands in Drawbridge’s published source, and programs of others check the same files.',
    ],
    proves: 'What is proven when it verifies',
    provesList: (opened: boolean) => [
      'The holder of the key has signed a log in which this entry stands, byte for byte, at this place.',
      'Whoever keeps the checkpoint can find out from a later copy of the log whether its past was rewritten.',
      ...(opened
        ? [
            'What lies beside the entry is what was committed to when it was logged: it was not changed since.',
          ]
        : []),
    ],
    not: 'What is not proven',
    notList: [
      'That what the entry says is true, its times included. A log keeps what was said from being changed afterwards.',
      'That all that happened was logged.',
      'That this is the newest checkpoint of the log.',
      'Who holds the key.',
    ],
    notWitnessed:
      'That this is the only log under this key. No witness has signed the checkpoint: its holder could have written another history from the first entry on.',
    witnessed:
      'That this is the only log under this key, unless you know the keys of the others who signed the checkpoint, and name them: --witness <key>.',
    files: 'The files',
    entry: {
      leaf: 'The record that was made before the request went to the vendor: no personal data, no value.',
      settlement: 'The record of how the crossing ended: status, bytes, times.',
      change: 'What was done to what, and when.',
    },
    proof: (index: number, size: number) =>
      `That it is entry ${count(index)} (from 0) of a log of ${plural(size, 'entry', 'entries')}, up to the signed root (c2sp.org/tlog-proof).`,
    checkpoint: 'The signed root (c2sp.org/tlog-checkpoint). Keep it: 200 bytes that hold the past fast.',
    key: 'The log’s key, to compare.',
    verify: 'Checks entry and proof. Reads files, contacts nobody.',
    opens:
      'Checks that what lies beside the entry is what it commits to. Reads this folder, contacts nobody.',
    standard:
      'The formats are open: c2sp.org/tlog-tiles, tlog-proof, tlog-checkpoint and signed-note, over the hashes of RFC 6962. Programs of others check them too: torchwood, for example.',
  },
} as const;
