export { AnswerText, answerClasses, isMedia, type LiveAnswers } from './answer.ts';
export type { AnswerString } from './answer-string.ts';
export { knownValues } from './known.ts';
export { type LiveText, RequestText } from './request.ts';
export {
  compileSecretScanner,
  compileTextScanner,
  type Found,
  type SecretScanner,
  type TextScanner,
} from './scanner.ts';
export { isSameValue } from './tokens.ts';
