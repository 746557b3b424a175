export { DEEPEST, TokenIndex } from './find.ts';
export {
  type Issuer,
  looksLikeToken,
  newIssuer,
  TOKEN_ALPHABET,
  TokenCollisionError,
  type TokenKind,
  tokenKinds,
} from './issue.ts';
export { newRestorer, type Restored, type Restorer, restoreAll } from './restore.ts';
