import { bytes, count, plural } from '../../design/format.ts';

const vendorClasses = {
  vendor: 'The vendor itself writes there',
  relayed: 'The vendor hands on what its users write',
  marketing: 'Advertising of the vendor',
  not_theirs: 'Not theirs: somebody who passes for them',
} as const;

/** Words of the verify desk, for whoever asks. What only its analysts read is in `verify-desk.ts`. */
export const verify = {
  tab: 'Messages',
  title: 'Is this message really from our vendor?',
  lead: 'Paste it or drop it here. You get one answer, why, and the place where you can see for yourself. Until then, click nothing in it, call no number from it, and answer nothing.',
  channel: 'How did it reach you?',
  channels: { mail: 'Mail', sms: 'Text message', chat: 'Chat', call: 'Call' },
  paste: {
    mail: 'The message',
    sms: 'What it says',
    chat: 'What it says',
    call: 'What was said',
  },
  pasteHint: {
    mail: 'Best is the mail as a file: drag it here from your mail program. A copy of its text works too, but says less.',
    sms: 'Paste the text, or drop a screenshot. Who sent a text message can’t be proved, so the answer is where to look.',
    chat: 'Paste the text, or drop a screenshot.',
    call: 'Who they said they were, what they said happened, and what they want you to do.',
  },
  sender: {
    sms: 'Number or name that it came from',
    chat: 'Name that it came from',
    call: 'Number that called',
  },
  file: 'Or choose a file',
  fileHint: 'A mail (.eml, .msg), a text, or a screenshot (PNG, JPEG, WebP), at most 25 MiB',
  dropHere: 'Let go to check it',
  check: 'Check it',
  checkKeys: 'or Ctrl Enter',
  nothing: 'Paste the message first, or choose a file.',
  tooLarge: (size: number) => `This has ${bytes(size)}. At most 25 MiB are taken.`,
  notTaken: (name: string) =>
    `“${name}” is none of .eml, .msg, .txt, .png, .jpg, .webp. Save the message as one of these.`,
  onlyOne: 'One message at a time: the first was taken.',
  sending: (share: string) => `Sending: ${share}`,
  judging: 'It has arrived, and is being looked at',
  stop: 'Stop',

  mine: 'Messages that you handed in',
  mineTable: 'Your messages',
  mineEmpty: 'You handed in no message yet',
  mineTeach: 'What you hand in stands here, with its answer and what became of it.',
  mineExample:
    '“Your API key was disabled”, from OpenAI, it says: can’t be verified. Look at your keys on platform.openai.com. It was not there: security was told within the minute.',
  heads: { message: 'Message', verdict: 'Verdict', when: 'When', state: 'What became of it' },
  noSubject: '(no subject)',
  queueLink: 'Queue of messages',

  verdicts: {
    'verified-authentic': 'Verified',
    unverified: 'Can’t be verified',
    'likely-impersonation': 'Likely impersonation',
  },
  verdictSigns: { 'verified-authentic': '✓', unverified: '?', 'likely-impersonation': '✕' },
  states: { open: 'Open', closed: 'Closed' },
  closedAs: {
    genuine: 'Genuine',
    impersonation: 'Impersonation',
    spam: 'Spam',
    unclear: 'Unclear',
  },
  answered: { there: 'Was there', notThere: 'Was not there' },
  waiting: 'Not looked up',

  why: 'Why',
  look: 'Look for yourself',
  lookAt: (vendor: string) => `Open ${vendor}’s own page`,
  lookHost: (host: string) => `Goes to ${host}: this address is from our register, not from the message.`,
  lookFor: (what: string) => `Look there for: ${what}`,
  noAddress: (vendor: string) =>
    `We have no address of ${vendor} on record. Type the one that you always use, or ask a colleague who works with it. Take none from the message.`,
  noVendor:
    'We can’t say which vendor this is about, so there is no page to look at. Do nothing that it asks for. Somebody of security looks at it.',
  question: 'Is what the message says there?',
  there: 'It was there',
  notThere: 'It was not there',
  isThere: 'You found it there.',
  isThereNext: 'Do what is needed on that page, not through the message. You are done here.',
  isNotThere: 'You did not find it there. Thank you: that is what we need to know.',
  isNotThereNext:
    'Security was told, and looks for the same message at others. Leave the message alone: click nothing, call nobody, answer nothing. If you already did, tell security now.',
  changeAnswer: 'I looked again: change this',
  next: 'What happens next',
  nextOpen: 'Somebody of security looks at it. When they close it, their answer stands here.',
  nextClosed: (name: string, as: string) => `${name} closed it: ${as}.`,
  forward: 'How to get a better answer next time',
  forwardHow:
    'This was forwarded within a mail, so the proof of who sent it was lost on the way. Forward it as an attachment: in Outlook “More, Forward as attachment”, in Gmail “Forward as attachment”, in Apple Mail “Message, Forward as attachment”. Or drag it here from your mail program.',
  ours: (title: string) => `This is a notice that we sent ourselves: ${title}.`,
  oursLink: 'See the notice',
  about: 'What was handed in',
  from: 'It says it is from',
  fromNobody: 'nobody named',
  subject: 'Subject',
  came: 'How it came',
  cameBy: {
    upload: 'As a file',
    paste: 'Pasted',
    screenshot: 'As a screenshot',
    mailbox: 'Sent to the mailbox for messages',
    imap: 'From a folder of a mailbox',
    button: 'By the button of a mail program',
    webhook: 'From another system',
  },
  showText: 'Show the message as text',
  showTextRecorded: 'Show the message as text (goes on record)',
  text: 'The message as text',
  textLead: 'Every link in it was made harmless.',
  textCut: 'It is longer. The rest is in the original.',
  another: 'Check another message',
  topic: 'About',
  classes: vendorClasses,
  alike: (messages: number) =>
    messages === 0
      ? 'No other message like it was handed in.'
      : `${plural(messages, 'other message like it was', 'other messages like it were')} handed in.`,
  countOf: count,
} as const;
