export { type CompiledContract, compileContract } from './contract.ts';
export { minimise } from './minimise.ts';
