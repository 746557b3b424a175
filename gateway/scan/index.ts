export { knownValues } from './known.ts';
export { type LiveText, RequestText } from './request.ts';
export { compileTextScanner, type Found, type TextScanner } from './scanner.ts';
