export { type Charge, planCharge, spentOf, uncompressed } from './charge.ts';
export { type LeaseDesk, openLeaseDesk } from './desk.ts';
export { capsOf, type KeyCaps, KeyLimits } from './limits.ts';
