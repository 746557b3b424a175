export { type CompiledContract, compileContract, tokenises } from './contract.ts';
export { minimise } from './minimise.ts';
