export { type MailLists, readMailLists } from './pack.ts';
export { registerOf } from './register.ts';
