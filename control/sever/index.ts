import type { Router } from '../platform/index.ts';
import type { ReadDeps } from './read.ts';
import { severRoutes } from './routes.ts';
import { type SeverWatch, watchSeverances } from './watch.ts';

export type { ReadDeps as SeverRoomDeps } from './read.ts';
export type { Plan as SeverancePlan, Severance, SeveranceRowView, SeverLine } from './schemas.ts';

/** Cutting vendors off, and opening them again. */
export interface Sever {
  routes: Router;
  /** Opens what is due, finishes what a crash left, and notes where it is in force, until it is stopped. */
  watch(): SeverWatch;
}

export function createSever(deps: ReadDeps): Sever & { routes: ReturnType<typeof severRoutes> } {
  return { routes: severRoutes(deps), watch: () => watchSeverances(deps) };
}
