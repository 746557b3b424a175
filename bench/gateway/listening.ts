import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 25;

/** Waits until something listens on a loopback port, ten seconds at most: then whoever loads it says what is wrong. */
export async function untilListening(port: number): Promise<void> {
  for (let waited = 0; waited < 10_000 && !(await listens(port)); waited += EVERY_MS) await wait(EVERY_MS);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
