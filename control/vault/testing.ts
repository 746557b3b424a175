import { ErrandError, type RunErrand } from './errand.ts';
import { ErrandFailure, makeCall } from './errand-call.ts';

/**
 * Errands done in this process, to loopback: the "wrapped" credential is its own text, and so is what is taken. For tests
 * of what is asked of vendors, not of who sees a secret.
 */
export const runHere: RunErrand = async ({ call, credential }) => {
  const addresses = [{ address: '127.0.0.1', family: 4 }];
  try {
    const { taken, ...answer } = await makeCall(
      { call, addresses, ca: null, timeoutMs: 5_000 },
      Buffer.from(credential.wrapped).toString(),
    );
    return { ...answer, taken: taken === null ? null : Buffer.from(taken) };
  } catch (error) {
    if (error instanceof ErrandFailure) throw new ErrandError(error.code, error.message);
    throw error;
  }
};
