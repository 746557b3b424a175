export { type AnswerRewrite, answerUrls } from './answer-urls.ts';
export { type CompiledAnswer, compileAnswer } from './channels.ts';
export { type AnswerRestore, type BodyRestore, restoreFor } from './restore.ts';
