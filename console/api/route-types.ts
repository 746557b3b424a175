/** Routes of apps and recovery drills, as the API answers. Times are ISO 8601; null is none, or unknown. */

interface Named {
  id: string;
  name: string;
}

export interface RouteMember {
  connection: string;
  name: string;
  vendor: string;
  state: string;
  models: Record<string, string> | null;
  /** Gateways whose routes keep requests off it now. */
  resting: string[];
  held: { requests: number; bytes: number };
  ended: Record<string, number>;
}

type OneWay =
  | { do: 'refuse' }
  | { do: 'drop' }
  | { do: 'hold'; bytes: number; days: number; inDoubt: 'repeat' | 'lose' };

export interface AppRoute {
  id: string;
  app: string;
  slug: string;
  members: RouteMember[];
  payTwice: boolean;
  firstByteMs: number | null;
  breaker: { failures: number; openMs: number };
  oneWay: OneWay;
  revision: number;
  changedAt: string;
  changedBy: string;
}

interface DrillCounts {
  requests: number;
  answered: number;
  held: number;
  dropped: number;
  failed: number;
  open: number;
}

interface AnswerMs {
  median: number | null;
  p95: number | null;
  longest: number | null;
}

export interface RecoveryReport {
  format: 'drawbridge.recovery-report/1' | 'drawbridge.recovery-report/2';
  drill: string;
  vendor: Named;
  app: Named | null;
  share: number;
  from: string;
  until: string;
  ended: 'time' | 'stopped';
  madeAt: string;
  verdict: 'recovers' | 'breaks' | 'unknown';
  counts: DrillCounts;
  apps: (DrillCounts & { app: Named })[];
  /** Left out in the first format. */
  egress?:
    | { refused: number; ended: number; apps: { app: Named; refused: number; ended: number }[] }
    | undefined;
  answeredBy: { connection: Named; answered: number }[];
  firstAnswerAfterMs: number | null;
  answerMs: AnswerMs;
  before: { from: string; until: string; requests: number; answered: number; answerMs: AnswerMs };
}

export interface RecoveryDrill {
  id: string;
  vendor: Named;
  app: Named | null;
  share: number;
  minutes: number;
  state: 'planned' | 'running' | 'time' | 'stopped' | 'cancelled' | 'skipped';
  startsAt: string;
  everyDays: number | null;
  inTrouble: boolean;
  reason: string;
  plannedBy: string;
  beganAt: string | null;
  until: string | null;
  endedAt: string | null;
  endedBy: string | null;
  endReason: string | null;
  report: RecoveryReport | null;
  reportHash: string | null;
}
