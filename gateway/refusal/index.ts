export {
  compileErrorShapes,
  type ErrorShapes,
  plainProblem,
  vendorProblem,
  type WireAnswer,
} from './answer.ts';
export { Refusal, type RefusalCode, refusalCodes } from './refusal.ts';
