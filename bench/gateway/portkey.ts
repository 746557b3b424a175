import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** Runs Portkey's gateway from the folder it was installed into, in this process, and says when it listens. */
const [folder = '', port = ''] = process.argv.slice(2);
const file = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
process.argv = [process.execPath, file, '--headless', `--port=${port}`];
// It greets people on its standard output, where the rows of the bench go.
process.stdout.write = () => true;
await import(pathToFileURL(file).href);

function listens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

for (let tries = 0; tries < 400 && !(await listens()); tries++) await wait(25);
process.send?.({ ready: true, port: Number(port) });
process.on('disconnect', () => process.exit(0));
