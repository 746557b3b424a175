export { type AnswerRewrite, answerUrls } from './answer-urls.ts';
export { passThrough, type Restore } from './restore.ts';
