import { z } from 'zod';
import type { Sealer } from '../../platform/index.ts';

/** Words of people lie sealed, each bound to where they stand. */

const Words = z.object({ text: z.string(), source: z.string().nullable() });
export type Words = z.infer<typeof Words>;

const TaskWords = z.object({ title: z.string(), why: z.string().nullable(), note: z.string().nullable() });
export type TaskWords = z.infer<typeof TaskWords>;

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export const sealTitle = (sealer: Sealer, incident: string, title: string): Buffer =>
  sealer.seal(['incident', incident, 'title'], bytesOf(title));
export const openTitle = (sealer: Sealer, incident: string, sealed: Buffer): string =>
  z.string().parse(JSON.parse(sealer.open(['incident', incident, 'title'], sealed).toString()));

export const sealWords = (sealer: Sealer, incident: string, n: number, words: Words): Buffer =>
  sealer.seal(['incident', incident, 'line', n], bytesOf(words));
export const openWords = (sealer: Sealer, incident: string, n: number, sealed: Buffer): Words =>
  Words.parse(JSON.parse(sealer.open(['incident', incident, 'line', n], sealed).toString()));

export const sealTask = (sealer: Sealer, task: string, words: TaskWords): Buffer =>
  sealer.seal(['incident task', task], bytesOf(words));
export const openTask = (sealer: Sealer, task: string, sealed: Buffer): TaskWords =>
  TaskWords.parse(JSON.parse(sealer.open(['incident task', task], sealed).toString()));
