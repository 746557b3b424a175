import type { Platform } from '../platform/index.ts';
import { readSetting } from '../platform/index.ts';
import { type Listener, type ListenerDeps, startListener } from './listener.ts';
import { type IntakeSettings, intakeSetting } from './settings.ts';

/** Whether mail is listened for, as it is in this process. */
export interface ListeningState {
  state: 'off' | 'listening' | 'failed';
  error: string | null;
}

export interface Listening {
  state(): ListeningState;
  /** The settings may be others. Resolves when they hold here. */
  changed(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ListeningDeps extends Omit<ListenerDeps, 'domains' | 'tls' | 'clock' | 'log'> {
  platform: Platform;
  certificate(): Promise<{ cert: string; key: string } | null>;
  /** Milliseconds between two looks at settings and certificate. */
  lookMs?: number;
}

const LOOK_MS = 10_000;
const NO_CERTIFICATE =
  'There is no certificate to be read, and mail is to come encrypted: see DRAWBRIDGE_TLS_CERT and DRAWBRIDGE_TLS_KEY, or leave STARTTLS off.';

/** Keeps the listener as it is set. Where a port can't be had it says so, and tries again; nothing else waits for it. */
export function createListening(deps: ListeningDeps): Listening {
  const { platform } = deps;
  let listener: Listener | null = null;
  let holding = '';
  let state: ListeningState = { state: 'off', error: null };
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<void> = Promise.resolve();
  let isStarted = false;

  const oneAfterAnother = (work: () => Promise<void>): Promise<void> => {
    working = working.then(work).catch((error: unknown) => {
      platform.log.error({ err: error }, 'the listener for mail could not be set up; it is tried again');
    });
    return working;
  };
  async function close(): Promise<void> {
    await listener?.close();
    listener = null;
    holding = '';
  }
  async function follow(): Promise<void> {
    if (!isStarted) return;
    const { smtp, domains } = await readSetting(platform.db, intakeSetting);
    const wantsTls = smtp.enabled && smtp.starttls;
    const tls = wantsTls ? await certificateOrNone() : null;
    const wanted = JSON.stringify([smtp, domains, tls?.cert ?? null]);
    if (listener !== null && wanted === holding) return;
    await close();
    state = { state: 'off', error: null };
    if (!smtp.enabled) return;
    if (wantsTls && tls === null) {
      // Not in clear instead: who set it counts on it, and senders try again.
      state = { state: 'failed', error: NO_CERTIFICATE };
      return;
    }
    try {
      listener = await open(smtp, domains, tls);
      holding = wanted;
      state = { state: 'listening', error: null };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      state = { state: 'failed', error: whyNot(code, smtp) };
      platform.log.error({ err: error }, 'no mail can be listened for');
    }
  }
  async function certificateOrNone(): Promise<{ cert: string; key: string } | null> {
    try {
      return await deps.certificate();
    } catch (error) {
      platform.log.error({ err: error }, 'the certificate for mail can not be read');
      return null;
    }
  }
  const open = (
    smtp: IntakeSettings['smtp'],
    domains: readonly string[],
    tls: { cert: string; key: string } | null,
  ) => startListener(smtp, { ...deps, clock: platform.clock, log: platform.log, domains, tls });
  return {
    state: () => state,
    changed: () => oneAfterAnother(follow),
    async start() {
      isStarted = true;
      await oneAfterAnother(follow);
      timer = setInterval(() => void oneAfterAnother(follow), deps.lookMs ?? LOOK_MS);
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      await oneAfterAnother(async () => {
        isStarted = false;
        await close();
        state = { state: 'off', error: null };
      });
    },
  };
}

function whyNot(code: string, { host, port }: IntakeSettings['smtp']): string {
  const at = `${host}:${port}`;
  if (code === 'EADDRINUSE') return `Something else listens at ${at}: say another port.`;
  if (code === 'EACCES') return `This program may not listen at ${at}: say a port from 1024 on.`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine.`;
  if (code.startsWith('ERR_OSSL_'))
    return 'Certificate and key do not go together, or can not be read: see DRAWBRIDGE_TLS_CERT and DRAWBRIDGE_TLS_KEY.';
  return `It can't listen at ${at}: ${code}.`;
}
