import { parentPort } from 'node:worker_threads';
import { type Job, outcomeOf, READY } from './jobs.ts';

/** A thread that tries samples: takes one, gives what became of it. */
const port = parentPort;
if (port === null) throw new Error('server/workbench/thread.ts runs as a thread only');

port.on('message', (job: Job) => port.postMessage(outcomeOf(job)));
port.postMessage(READY);
