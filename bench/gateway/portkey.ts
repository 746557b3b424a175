import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { untilListening } from './listening.ts';

/** Runs Portkey's gateway from the folder it was installed into, in this process, and says when it listens. */
const [folder = '', port = ''] = process.argv.slice(2);
const file = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
process.argv = [process.execPath, file, '--headless', `--port=${port}`];
// It greets people on its standard output, where the rows of the bench go.
process.stdout.write = () => true;
await import(pathToFileURL(file).href);
await untilListening(Number(port));
process.send?.({ ready: true, port: Number(port) });
process.on('disconnect', () => process.exit(0));
