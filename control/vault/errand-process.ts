import { generateKeyPair, openSealed, sealTo } from '@drawbridge/envelope';
import { ErrandFailure, makeCall } from './errand-call.ts';
import { ERRAND_CONTEXT, type ErrandAsk, type ErrandReply, TAKEN_CONTEXT } from './errand-messages.ts';

/**
 * An errand: a process that makes one call to a vendor with one credential, and ends. It holds neither the
 * key-encryption key nor any other secret, may read its own code and write nothing (see errand.ts).
 */
const send = process.send?.bind(process);
if (send === undefined) throw new Error('An errand is started by the control plane, not by hand.');
const reply = (message: ErrandReply): void => {
  send(message);
};

// Ctrl-C goes to the whole process group: a call that is under way is finished, and its parent ends it otherwise.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error: Error) => {
  // The place, not the message: a message may quote what was being worked on.
  const place = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  process.stderr.write(`errand: uncaught ${error.name}\n${place.slice(0, 8).join('\n')}\n`);
  process.exit(70);
});

const { publicKey, privateKey } = await generateKeyPair();
process.on('message', (ask: ErrandAsk) => {
  void run(ask).then(reply, (error: unknown) => reply(sayable(error)));
});
reply({ kind: 'ready', publicKey });

async function run({ sealed, takeKey, ...ask }: ErrandAsk): Promise<ErrandReply> {
  const credential = await openSealed(privateKey, sealed, ERRAND_CONTEXT);
  const { taken, ...answer } = await makeCall(ask, credential.toString('utf8'));
  credential.fill(0);
  if (taken === null || takeKey === null) return { kind: 'answer', answer: { ...answer, taken: null } };
  const secret = Buffer.from(taken);
  const wrapped = await sealTo(takeKey, secret, TAKEN_CONTEXT);
  secret.fill(0);
  return { kind: 'answer', answer: { ...answer, taken: wrapped } };
}

function sayable(error: unknown): ErrandReply {
  return error instanceof ErrandFailure
    ? { kind: 'error', code: error.code, message: error.message }
    : { kind: 'error', code: 'failed', message: 'The call to the vendor failed here. Try again.' };
}
