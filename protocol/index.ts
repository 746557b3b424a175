export * from './contract.ts';
export * from './crossing.ts';
export * from './fields.ts';
export * from './keys.ts';
export * from './pack.ts';
export * from './rule-lists.ts';
export * from './snapshot.ts';
export * from './version.ts';
