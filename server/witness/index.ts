export { type RunningWitness, startWitness, type WitnessSettings } from './start.ts';
