import { parentPort } from 'node:worker_threads';
import { type Handed, Jobs, READY } from './jobs.ts';

/** A thread that tries samples: takes one, gives what became of it. */
const port = parentPort;
if (port === null) throw new Error('server/workbench/thread.ts runs as a thread only');

const jobs = new Jobs();
port.on('message', (handed: Handed) => {
  if (handed.do !== 'know') return port.postMessage(jobs.outcomeOf(handed));
  jobs.know(handed.own);
  port.postMessage(READY);
});
port.postMessage(READY);
