export { forward, type Outcome } from './forward.ts';
export { type Signer, signatureOf, signerOf } from './signer.ts';
