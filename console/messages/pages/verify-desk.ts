import { count, duration, plural } from '../../design/format.ts';

/** Words of the verify desk for its analysts: queue, evidence, campaigns, senders. */
export const desk = {
  queue: {
    tab: 'Queue of messages',
    title: (open: number) =>
      open === 0 ? 'No message waits' : `${plural(open, 'message waits', 'messages wait')}, worst first`,
    lead: 'Ranked by what it would cost if somebody believed it. The verdict comes from proofs and from our own records, not from how a text sounds.',
    counts: 'Now',
    notThere: (messages: number) =>
      `${plural(messages, 'was', 'were')} looked for at the vendor and not found there`,
    reviews: (reviews: number) =>
      reviews === 0
        ? 'No sender waits for review'
        : `${plural(reviews, 'sender waits', 'senders wait')} for review`,
    median: (seconds: number | null) =>
      seconds === null
        ? 'Nothing was answered yet'
        : `Half are answered within ${duration(seconds * 1_000_000)}`,
    table: 'Messages',
    none: 'No message is like that',
    empty: 'Nobody handed in a message yet',
    teach:
      'People hand in what looks wrong, and have an answer at once. What they hand in is decided here, a hundred at a time if need be.',
    example:
      'Harm 92: “Your API key was disabled”, says it is from OpenAI, sent by openai-keys.example. Our key inventory says that no key was disabled. 14 others like it.',
    exampleAct: 'Hand one in',
    intake: 'How messages come in',
    campaigns: 'Campaigns',
    senders: 'Senders',
    state: 'State',
    verdict: 'Verdict',
    order: 'Order',
    orders: { harm: 'Worst first', newest: 'Newest first' },
    search: 'Sender or subject',
    campaignOnly: 'Only of one campaign',
    allOf: 'All',
    vendorOnly: (vendor: string) => `About ${vendor} alone`,
    clear: 'Show all',
    heads: {
      select: 'Chosen',
      message: 'Message',
      verdict: 'Verdict',
      harm: 'Harm',
      vendor: 'About',
      alike: 'Alike',
      by: 'From whom',
      when: 'When',
      state: 'State',
    },
    choose: (name: string) => `Choose ${name}`,
    unknownReporter: 'somebody unknown',
    keys: 'j and k go from row to row. x chooses, X chooses all from the one chosen before. c closes what is chosen, u lets go of it, z takes back the last closing.',
    chosen: (messages: number) => `${plural(messages, 'message', 'messages')} chosen`,
    chosenNone: 'Nothing is chosen',
    close: 'Close as…',
    letGo: 'Let go',
  },
  closing: {
    title: (messages: number) => `Close ${plural(messages, 'message', 'messages')}`,
    as: 'As what',
    choices: {
      genuine: { label: 'Genuine', hint: 'The vendor really wrote it' },
      impersonation: { label: 'Impersonation', hint: 'Somebody passed for the vendor' },
      spam: { label: 'Spam', hint: 'Unwanted, and passes for nobody' },
      unclear: { label: 'Unclear', hint: 'It can’t be said' },
    },
    reply: 'Reply to who handed it in',
    replyNone: 'No reply',
    replyShown: 'They read:',
    act: (messages: number) => `Close ${plural(messages, 'message', 'messages')}`,
    progress: (done: number, all: number) => `${count(done)} of ${count(all)} done`,
    done: (closed: number, as: string) => `${plural(closed, 'message was', 'messages were')} closed: ${as}.`,
    skipped: (messages: number) => `${plural(messages, 'was', 'were')} left as they are:`,
    undo: 'Take it back',
    undoReason: 'Closed by mistake, taken back at once',
    undone: (messages: number) => `${plural(messages, 'message is', 'messages are')} open again.`,
    replySent: 'The replies were sent, and stay sent.',
  },
  one: {
    acts: 'Decide',
    close: 'Close as…',
    reopen: 'Open it again',
    reopenTitle: 'Open it again',
    incident: 'Open an incident',
    incidentTitle: 'Open an incident of this message',
    incidentName: 'Title',
    incidentNameOf: (vendor: string | null) =>
      vendor === null ? 'Message that was not genuine' : `Message in the name of ${vendor}`,
    incidentDo: 'The incident has this message and those like it in its record. Nobody is told outside.',
    correct: 'Correct the register',
    correctTitle: 'What does this sender send?',
    correctIs: 'Domain or address',
    correctIsHint: 'An address is only that one; a domain is every address in it.',
    correctVendor: 'Vendor',
    correctClass: 'What comes from there',
    correctDo:
      'Every message of the past is judged again with it. Say so only of a sender whose own proof you have seen.',
    correctDone: 'Kept. Messages of the past are judged again.',
    raw: 'The original (.eml), goes on record',
    evidence: 'Evidence',
    evidenceLead:
      'Verified: proved here. Recorded: written by a server that we trust. Claimed: somebody wrote it, and nothing proves it.',
    evidenceTable: 'Evidence of this message',
    evidenceHeads: { weighs: 'Weighs', what: 'What', source: 'Source', value: 'Value' },
    evidenceNone: 'There is no evidence either way.',
    weighs: { for: 'For', against: 'Against', note: 'Note' },
    weighSigns: { for: '+', against: '−', note: '·' },
    strengths: { strong: 'strongly', weak: 'weakly' },
    sources: { verified: '● verified', recorded: '◐ recorded', claimed: '○ claimed' },
    claims: 'What it says, against our own records',
    claimsLead: 'That it fits is no proof: somebody else may know it too.',
    claimsNone: 'It says nothing that our records could tell.',
    results: { contradicted: '✕ Contradicted', consistent: '= Fits', cannot_tell: '? Can’t be told' },
    record: 'See the record',
    quoted: 'What it quotes, and since when outsiders can know it',
    quotedNone: 'It quotes nothing that is known to have leaked.',
    knownSince: 'Outsiders can know it since',
    sinceUnknown: 'an unknown time',
    account: 'Our account there',
    holds: (holds: boolean | null) =>
      holds === null
        ? '? It is not known whether they have an account there.'
        : holds
          ? '● They have an account there.'
          : '● They have no account there.',
    registered: (registered: boolean | null) =>
      registered === null
        ? '? It is not known at which address we are registered there.'
        : registered
          ? '● It went to the address that we are registered with.'
          : '✕ It went to another address than the one we are registered with.',
    similar: 'Messages like it',
    similarNone: 'No other message is like it.',
    similarTable: 'Messages like this one',
    ofCampaign: 'See the campaign',
    history: 'How it was judged',
    historyTable: 'Judgements of this message',
    dns: 'DNS as it was when it came',
    dnsLead: 'Kept, so that the proof can be checked again after keys were changed.',
    dnsNone: 'No record was asked for.',
    dnsTable: 'DNS records kept',
    dnsHeads: { name: 'Name', type: 'Type', at: 'Kept' },
    attachments: 'Attachments',
    attachmentsNone: 'It has none.',
    attachmentHeads: { name: 'Name', kind: 'Kind', size: 'Size' },
    links: 'Links in it, made harmless',
    linksNone: 'It has none.',
    to: 'To',
    kept: 'Kept until',
    keptRaw: 'with the original',
    keptNoRaw: 'without the original, which was not kept',
    review: 'Review the sender',
    reviewWaits: (domain: string, vendor: string) =>
      `${domain} proved that it sent this, and the register does not know it as ${vendor}’s.`,
  },
  campaigns: {
    tab: 'Campaigns',
    title: (campaigns: number) =>
      campaigns === 0
        ? 'No messages belong together yet'
        : `${plural(campaigns, 'campaign', 'campaigns')} of messages that belong together`,
    lead: 'Messages that share servers, domains or the shape of their text.',
    table: 'Campaigns',
    empty: 'No campaign yet',
    teach:
      'As soon as two messages share where they come from or how they are built, they stand here as one.',
    example: '“Key disabled, openai-keys.example”: 15 messages to 14 people within 3 hours, 4 still open.',
    heads: {
      name: 'Campaign',
      vendor: 'In whose name',
      messages: 'Messages',
      people: 'People',
      open: 'Open',
      first: 'First',
      last: 'Last',
    },
    nobody: 'nobody’s',
    oneTitle: (name: string, messages: number, people: number) =>
      `${name}: ${plural(messages, 'message', 'messages')} to ${plural(people, 'person', 'people')}`,
    shape: 'What they have in common',
    infrastructure: 'Where they come from',
    state: 'State',
    messages: 'Its messages',
    closeAll: 'Close its open messages',
  },
  senders: {
    tab: 'Senders',
    title: (reviews: number) =>
      reviews === 0
        ? 'No sender waits for review'
        : `${plural(reviews, 'sender waits', 'senders wait')} for somebody who knows whose they are`,
    lead: 'A sender that proved its domain and that the register does not know is no impersonation: it is a gap in the register.',
    reviews: 'Senders to review',
    reviewsLead: 'v: the vendor’s own. r: it hands on what users write. m: its advertising. n: not theirs.',
    reviewsTable: 'Senders to review',
    reviewsEmpty: 'No sender waits',
    reviewsTeach:
      'When mail of a vendor comes from a domain that proves itself and is not in the register, it waits here.',
    reviewsExample:
      'githubsupport.com, proved by its signature, writes in the name of GitHub: 3 messages since 12 November.',
    reason: 'Why, for what you decide now',
    reasonHint: 'Goes on record with each. At least 3 characters.',
    reasonFirst: 'Say why first.',
    decided: (senders: number) => `${plural(senders, 'sender', 'senders')} decided in this sitting`,
    heads: {
      domain: 'Domain',
      vendor: 'In whose name',
      messages: 'Messages',
      last: 'Last',
      act: 'Whose is it?',
    },
    decisions: { vendor: 'Theirs', relayed: 'Relays', marketing: 'Advertising', not_theirs: 'Not theirs' },
    decisionOf: (domain: string, decision: string) => `${domain}: ${decision}`,
    own: 'Senders of vendors',
    ownLead: 'What the packs say, and what you said yourselves. Yours is taken before theirs.',
    ownTable: 'Senders of vendors',
    ownEmpty: 'No sender is known of this vendor',
    ownTeach: 'Say which domains and addresses a vendor writes from. Until then its mail can’t be verified.',
    ownExample:
      'mail.openai.com, the vendor itself writes there, said by Ada Example after a look at its signature.',
    ownHeads: {
      is: 'Domain or address',
      vendor: 'Vendor',
      class: 'What comes from there',
      source: 'Who says so',
      act: 'Remove',
    },
    sources: { pack: 'The pack', organisation: 'We ourselves' },
    add: 'Add a sender',
    remove: 'Remove',
    removeOf: (is: string) => `Remove ${is}`,
    removeDo: 'Every message of the past is judged again without it.',
    vendorFilter: 'Vendor',
    rejudging: (done: number, total: number) =>
      `Messages of the past are judged again: ${count(done)} of ${count(total)}.`,
    rejudgingLabel: 'Judging again',
    addresses: 'Addresses that we are registered with',
    addressesLead:
      'Mail about a vendor to any other address of ours is impersonation. Give each vendor an address of its own.',
    addressesTable: 'Addresses at vendors',
    addressesEmpty: 'No address is entered',
    addressesTeach: 'The address that stands in your account at a vendor. Whoever guesses does not know it.',
    addressesExample:
      'OpenAI: openai.k3v9@example.org. Mail in its name to anybody else says that it is none.',
    addressHeads: { vendor: 'Vendor', address: 'Address', by: 'Entered', act: 'Remove' },
    addressAdd: 'Enter an address',
    more: 'Show more',
    address: 'Address',
    dashboard: 'Where people look for themselves',
    dashboardLead:
      'The address that is offered to whoever asks about a message of this vendor. Yours is taken before the pack’s.',
    dashboardNone: 'None of your own: the pack’s is offered.',
    dashboardChange: 'Change the address',
    dashboardUrl: 'Address of your own dashboard there',
    dashboardHint:
      'Begins with https://. Type it from memory or from your own records, never from a message.',
    dashboardHttps: 'It must be an address that begins with https://.',
  },
} as const;
