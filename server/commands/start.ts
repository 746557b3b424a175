import { buildConsole } from '@drawbridge/console/build';
import { pino } from 'pino';
import { type ConfigFlags, readConfig } from '../config.ts';
import { consoleFiles } from '../console-files.ts';
import { startDeployment } from '../deployment.ts';
import { interrupted } from '../interrupted.ts';
import { secretVariables } from '../key-source.ts';

/** Flags of `start` alone: where the console listens, and how other machines reach it. */
export type StartFlags = Pick<ConfigFlags, 'host' | 'publicUrl' | 'tlsCert' | 'tlsKey' | 'trustedProxy'> & {
  json?: boolean;
};

/** `drawbridge start`: everything on this machine, until it is told to stop. */
export async function startCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env, flags, process.stderr.isTTY);
  // They are read: nothing that is started here is to find them.
  for (const name of secretVariables) delete process.env[name];
  const log = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const asked = interrupted(log);
  say('Preparing the console…');
  const dist = await buildConsole();
  const deployment = await startDeployment({
    config,
    log,
    progress: (text) => say(`${text}…`),
    console: await consoleFiles(dist),
  });
  const firstUrl = await deployment.firstUrl();
  const { apiUrl, consoleUrl, gatewayUrl, dataLocation, warnings } = deployment;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ apiUrl, consoleUrl, gatewayUrl, firstUrl, dataLocation, keysDir: config.keysDir, pid: process.pid })}\n`
      : [
          '',
          'Drawbridge serves.',
          `  Console   ${firstUrl ?? consoleUrl}`,
          ...(firstUrl === null
            ? []
            : [
                '            (this link makes the first administrator, once, within 30 minutes: keep it to yourself;',
                '            for a new one: npm run drawbridge sign-in)',
              ]),
          `  Gateway   ${gatewayUrl}`,
          `  Data      ${dataLocation}`,
          `  Keys      ${config.keysDir}`,
          ...warnings.map((warning) => `  Note      ${warning.text}`),
          '  Ctrl-C stops it.',
          '',
          '',
        ].join('\n'),
  );
  const why = await Promise.race([asked, deployment.broken]);
  say(why instanceof Error ? why.message : 'Stopping…');
  await deployment.stop();
  say('Stopped.');
  process.exit(why instanceof Error ? 1 : 0);
}
