/** For tests of libraries that stand on a journal. */
export { type Fault, type ForgetfulOptions, ForgetfulStorage, type Operation } from './forgetful.ts';
export { HandClock, seeded } from './harness.ts';
