export { longTexts } from './ahead.ts';
export { type CompiledContract, compileContract, markerOf, tokenises } from './contract.ts';
export { minimise } from './minimise.ts';
