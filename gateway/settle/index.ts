export { formSettlement, type SettlementInput } from './settlement.ts';
