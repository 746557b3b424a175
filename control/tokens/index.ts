export { revokeTokensIn } from './revoke.ts';
export { tokenRoutes } from './routes.ts';
export { createTokens, type Tokens } from './tokens.ts';
