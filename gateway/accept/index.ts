export { announcedLength, type BodyBudget, checkLength, readBody, releaseBody } from './body.ts';
export { corsHeaders, originListed, preflightHeaders } from './cors.ts';
export { parseTarget, type Target } from './target.ts';
