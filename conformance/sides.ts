import { type ContractChoice, startThrowaway, type Throwaway } from '../server/replay/throwaway.ts';

/** A real deployment between SDKs and stand-ins, with the same connections under each contract. */
export interface Sides<Side> {
  throwaway: Throwaway;
  asIs: Side;
  recommended: Side;
  stop(): Promise<void>;
}

/** Starts a deployment and its sides. `standinsOf`: what is to be stopped of a side. */
export async function startSides<Side>(
  makeSide: (throwaway: Throwaway, contract: ContractChoice) => Promise<Side>,
  standinsOf: (side: Side) => readonly { stop(): Promise<void> }[],
): Promise<Sides<Side>> {
  const throwaway = await startThrowaway();
  const asIs = await makeSide(throwaway, 'as_is');
  const recommended = await makeSide(throwaway, 'recommended');
  await throwaway.settled();
  return {
    throwaway,
    asIs,
    recommended,
    stop: async () => {
      for (const standin of [...standinsOf(asIs), ...standinsOf(recommended)]) await standin.stop();
      await throwaway.stop();
    },
  };
}
