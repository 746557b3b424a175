export { tokenRoutes } from './routes.ts';
export { createTokens, type Rights, type Tokens } from './tokens.ts';
