/** "API keys, access tokens and private keys". */
function list(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** What a contract does with what is found in texts. */
export const texts = {
  title: 'In texts',
  /** What is looked for, by level: "… are looked through for secrets". */
  lookedFor: {
    all: 'secrets and personal data',
    structured: 'secrets and personal data that has a form of its own',
    secrets: 'secrets',
  } as Record<string, string>,
  kinds: { ai: 'Prompts and other texts', other: 'Texts' },
  sentence: (kinds: string, lookedFor: string, becomes: readonly string[]) =>
    `${kinds} are looked through for ${lookedFor}: ${becomes.join('; ')}.`,
  /** What becomes of several things, by treatment. `comeBack`: the vendor answers with texts. */
  becomes: {
    refuse: (things: readonly string[]) => `${list(things)} refuse the request`,
    drop: (things: readonly string[]) => `${list(things)} are taken out`,
    tokenise: (things: readonly string[], comeBack: boolean) =>
      `${list(things)} cross as tokens${comeBack ? ' and come back in the answer' : ''}`,
    pseudonymise: (things: readonly string[]) => `${list(things)} cross as pseudonyms`,
    generalise: (things: readonly string[]) => `${list(things)} cross in a coarser form`,
    pass: (things: readonly string[]) => `${list(things)} cross as they are`,
  },
  things: {
    'secret.api_key': 'API keys',
    'secret.token': 'access tokens',
    'secret.password': 'passwords',
    'secret.private_key': 'private keys',
    'person.email': 'e-mail addresses',
    'person.phone': 'phone numbers',
    'person.name': 'names',
    'person.address': 'postal addresses',
    'person.birth_date': 'dates of birth',
    'person.national_id': 'national id numbers',
    'payment.card': 'card numbers',
    'payment.iban': 'bank accounts',
    'network.ip': 'IP addresses',
    'network.mac': 'MAC addresses',
    'org.name': 'names of organisations',
    'web.url': 'page addresses',
  } as Record<string, string>,
  off: 'Texts cross as they were written.',
  offMeans: (vendor: string) =>
    `Every key, name and number that somebody writes into one reaches ${vendor}, and no record says that it was there.`,
  observed:
    'Not while the connection’s mode is “Observe”: until then texts cross as they were written, and the record says what would have been done. Secrets are held back all the same.',
  turnOn: 'Turn on looking through texts',
  preview:
    'A preview, not in force: what the vendor’s pack recommends. Change what you like, then put it in force below.',
  leaveOff: 'Leave it off',
  level: 'What is looked for',
  levels: {
    all: {
      label: 'Secrets and all personal data',
      hint: 'Also names, postal addresses, dates of birth and organisations, where the words around tell. Weak: a name without such words, as in “ask Anna”, is not found.',
    },
    structured: {
      label: 'Secrets, and personal data that has a form of its own',
      hint: 'E-mail addresses, phone, card, account and id numbers, addresses of machines and pages. Names, postal addresses and dates of birth cross as they were written.',
    },
    secrets: {
      label: 'Secrets alone',
      hint: 'Keys, tokens, passwords and private keys. All that is about people crosses as it was written.',
    },
    off: { label: 'Nothing', hint: 'Texts cross as they were written, with all that is in them.' },
  },
  table: 'What is found in texts, and what becomes of it',
  found: 'Found in a text',
  groups: {
    secrets: 'Secrets',
    people: 'People and organisations',
    payments: 'Payments',
    network: 'Network and pages',
    own: 'Business terms',
  },
  ownHint: 'Exactly what your organisation registered, and nothing before it did.',
  otherwise: 'Anything else that is found',
  spoken: (kind: string) => `${kind} in texts`,
  notLookedFor: 'not looked for',
  where: (classes: readonly string[]) => `Looked through: ${list(classes)}.`,
  nowhere: 'No text passes under this contract, so there is none to look through.',
  limits: [
    'Not found: names without words around that tell, what is in pictures and other files that are no text, and what is cut in two.',
    'A finding that is only a hint never refuses a request: it crosses as a token.',
    'Where something is dropped, the text says what kind was removed.',
    'A request with more text than can be looked through is refused, and so is one where looking fails.',
  ],
  keptAtVendor:
    'While anything can become a token, a request that goes on from a conversation that the vendor keeps is refused: there would be nothing to put back.',
  changes: 'What changes in texts',
  notInPreview:
    'Texts are looked through by the gateway alone: here they stand as the app sends them, with nothing found in them.',
} as const;
