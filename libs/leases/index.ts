export { type Ask, LeaseHolder, type Refused, type Unused } from './holder.ts';
export { type Grant, LeaseLedger, type LedgerState, type Limit, readLedgerState } from './ledger.ts';
