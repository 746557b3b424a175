export { type MadeUp, madeUp } from './made-up.ts';
export { SampleError } from './text.ts';
export { tryRequest, type WorkbenchRun, type WorkbenchTry } from './try.ts';
