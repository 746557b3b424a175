export { type Sigv4Credentials, type Sigv4Request, Sigv4Signer } from './sign.ts';
