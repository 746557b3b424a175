export { defang } from './domains.ts';
export { AuthenticityError, type AuthenticityErrorCode } from './error.ts';
export { judgeMail, judgeText, type MailOptions, type TextOptions } from './judge.ts';
export { expectLines } from './lines.ts';
export { type Lookalike, lookalikeOf } from './lookalike.ts';
export { forwardedMessage, isInlineForward, LARGEST_MESSAGE, readMail } from './mail.ts';
export { qrIn } from './qr.ts';
export { type CompiledRegister, compileRegister } from './register.ts';
export { type ShownMail, shownMail, shownNote } from './shown.ts';
export {
  type Arrival,
  type Envelope,
  type Evidence,
  type Judgement,
  type MessageClass,
  type Register,
  type RegisteredVendor,
  type Resolver,
  type Topic,
  type Verdict,
  verdicts,
} from './types.ts';
