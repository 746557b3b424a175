export { FoundAhead, lookAhead, type NamedText } from './ahead.ts';
export { AnswerText, answerClasses, isMedia, type LiveAnswers } from './answer.ts';
export type { AnswerString } from './answer-string.ts';
export { knownValues } from './known.ts';
export { knownPhrasesOf } from './phrases.ts';
export { type LiveText, RequestText, type TextLimits, textLimits } from './request.ts';
export {
  compileSecretScanner,
  compileTextScanner,
  type Found,
  type ScanFor,
  type SecretScanner,
  type TextScanner,
} from './scanner.ts';
export { Slices } from './slices.ts';
export { isSameValue } from './tokens.ts';
