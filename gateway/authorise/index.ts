export { type Authorise, type AuthoriseInput, allowWithoutPolicies, type Decision } from './authorise.ts';
