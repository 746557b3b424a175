import MailComposer from 'nodemailer/lib/mail-composer';
import { isAddress } from './address.ts';
import { MailError } from './error.ts';

/** One mail to one recipient. */
export interface Mail {
  /** With its angle brackets; the same one again for the same mail, by which receivers drop the second. */
  messageId: string;
  to: string;
  subject: string;
  text: string;
  html?: string;
  attachments?: readonly { name: string; type: string; bytes: Uint8Array }[];
}

export interface Sender {
  name: string;
  address: string;
}

const MESSAGE_ID = /^<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,120}>$/;
const TYPE = /^[a-z]+\/[a-z0-9.+-]{1,80}$/;
const LONGEST_SUBJECT = 300;
const MOST_BYTES = 25 * 1024 * 1024;

/** Throws MailError `invalid` for what would become another header, another recipient, or no mail at all. */
export function expectMail(mail: Mail): void {
  const { messageId, to, subject, text, html = '', attachments = [] } = mail;
  if (!MESSAGE_ID.test(messageId)) throw wrong('the Message-ID is not of the form <id@domain>');
  if (!isAddress(to)) throw wrong('the recipient is not one plain mail address');
  if (subject.trim() === '' || subject.length > LONGEST_SUBJECT || hasControl(subject)) {
    throw wrong(`the subject is empty, longer than ${LONGEST_SUBJECT} characters, or has more than one line`);
  }
  if (text.trim() === '') throw wrong('the text is empty');
  for (const { name, type } of attachments) {
    if (name === '' || name.length > 200 || hasControl(name) || /[/\\"]/.test(name) || !TYPE.test(type)) {
      throw wrong('an attachment has no plain name or no type');
    }
  }
  const bytes = attachments.reduce((sum, one) => sum + one.bytes.length, text.length + html.length);
  if (bytes > MOST_BYTES) throw wrong(`the mail is larger than ${MOST_BYTES} bytes`);
}

/** The mail as it goes over the wire (RFC 5322). `at`: its date, in ms. */
export async function compose(mail: Mail, from: Sender, at: number): Promise<Buffer> {
  return new MailComposer({
    from,
    to: { name: '', address: mail.to },
    subject: mail.subject,
    messageId: mail.messageId,
    date: new Date(at),
    text: mail.text,
    ...(mail.html === undefined ? {} : { html: mail.html }),
    // So that nobody's out-of-office note answers it (RFC 3834).
    headers: { 'auto-submitted': 'auto-generated' },
    attachments: (mail.attachments ?? []).map(({ name, type, bytes }) => ({
      filename: name,
      contentType: type,
      content: Buffer.from(bytes),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

/** C0 and C1 control characters and the line ends of Unicode. */
export const hasControl = (text: string): boolean => /[\p{Cc}\u2028\u2029]/u.test(text);

const wrong = (what: string): MailError =>
  new MailError('invalid', `The mail was not sent: ${what}.`, { permanent: true });
