export { createEgress, type EgressLimits, type EgressOptions, type EgressProxy } from './proxy.ts';
