import { parentPort, workerData } from 'node:worker_threads';
import { type Batch, Runner, type Setup } from './jobs.ts';

/** A thread that scans: takes batches, gives outcomes, one for each. */
const setup: Setup = workerData;
const runner = new Runner(setup);
const port = parentPort;
if (port === null) throw new Error('server/scan/worker.ts runs as a thread only');

port.on('message', (batch: Batch) => {
  runner.run(batch).then(
    (outcome) => port.postMessage(outcome),
    (error: unknown) => {
      // Thrown out of the promise, so that the thread ends with it and who started it hears why.
      setImmediate(() => {
        throw error;
      });
    },
  );
});
