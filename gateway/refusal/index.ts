export {
  compileErrorShapes,
  type ErrorShapes,
  plainProblem,
  vendorProblem,
  type WireAnswer,
} from './answer.ts';
export { Refusal, type RefusalCode } from './refusal.ts';
