export { EnvelopeError, type EnvelopeErrorCode } from './errors.ts';
export { generateKeyPair, openSealed, type Sealed, sealTo } from './seal.ts';
export { unwrap, WRAP_OVERHEAD, type WrapKey, wrap } from './wrap.ts';
