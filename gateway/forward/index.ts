export { forward, type Outcome } from './forward.ts';
export { requestHeaders } from './request-headers.ts';
export { type Signer, signatureOf, signerOf } from './signer.ts';
