import { type Keys, sayable, work } from './core.ts';
import { checkSizes, type Reply, type Request } from './messages.ts';
import { openKeys } from './opening.ts';

/**
 * The vault: a process of its own, started by the control plane, that alone holds the key-encryption key. It listens to
 * nothing but its parent, reaches no one but the key source that is set, and of the file system has only its code, the key
 * files and the logs' marks (see child.ts).
 */
const send = process.send?.bind(process);
if (send === undefined) throw new Error('The vault is started by the control plane, not by hand.');

let keys: Keys | null = null;

// Ctrl-C goes to the whole process group. The vault outlives it until its parent has ended, and then goes at once.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error: Error) => {
  // The place, not the message: a message may quote what was being worked on.
  const place = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  process.stderr.write(`vault: uncaught ${error.name}\n${place.slice(0, 8).join('\n')}\n`);
  process.exit(70);
});

process.on('message', (request: Request) => {
  void answer(request).then((reply) => send(reply));
});

async function answer(request: Request): Promise<Reply> {
  try {
    checkSizes(request.ask);
    return { id: request.id, answer: await perform(request) };
  } catch (error) {
    const { code, message } = sayable(error);
    return { id: request.id, error: { code, message } };
  }
}

async function perform(request: Request) {
  if (request.act === 'start') {
    const { marksFile } = request.ask;
    const { keys: opened, made, key } = await openKeys(request.ask);
    keys = { ...opened, marksFile };
    return { made, key, current: opened.ring.current };
  }
  if (keys === null) throw new Error('asked before it was started');
  return call(keys, request);
}

function call(held: Keys, request: Exclude<Request, { act: 'start' }>) {
  switch (request.act) {
    case 'addKey':
      return work.addKey(held, request.ask);
    case 'rewrap':
      return work.rewrap(held, request.ask);
    case 'seal':
      return work.seal(held, request.ask);
    case 'generate':
      return work.generate(held, request.ask);
    case 'generateKeyPair':
      return work.generateKeyPair(held, request.ask);
    case 'reseal':
      return work.reseal(held, request.ask);
    case 'passOn':
      return work.passOn(held, request.ask);
    case 'takeIn':
      return work.takeIn(held, request.ask);
    case 'keyedHash':
      return work.keyedHash(held, request.ask);
    case 'keyedHashOfWrapped':
      return work.keyedHashOfWrapped(held, request.ask);
    case 'checkCode':
      return work.checkCode(held, request.ask);
    case 'makeLogKey':
      return work.makeLogKey(held, request.ask);
    case 'signLog':
      return work.signLog(held, request.ask);
    case 'logMark':
      return work.logMark(held, request.ask);
  }
}
