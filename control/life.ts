import { type CanaryWatch, watchCanaries } from './canaries/index.ts';
import { keepTilesFilled } from './checkpoints/index.ts';
import { keepHouse } from './operations/index.ts';
import { pruneBlobsJob } from './register/index.ts';
import { pruneJob } from './retention/index.ts';
import { projections, type Rooms } from './rooms.ts';

/** What runs beside answering: logs, projections, watches, and what is pushed. */
export function createLife(rooms: Rooms) {
  const {
    platform,
    blobs,
    erasure,
    discovery,
    audit,
    chain,
    root,
    fleet,
    contradictions,
    keyAlarms,
    projector,
    rotation,
    intake,
    leaks,
    obligations,
    notices,
    messages,
    push,
    exercises,
    recovery,
    fetching,
    residency,
    sever,
  } = rooms;
  let house: ReturnType<typeof keepHouse> | null = null;
  let tiles: ReturnType<typeof keepTilesFilled> | null = null;
  let canaries: CanaryWatch | null = null;
  let rejudging: ReturnType<typeof messages.start> | null = null;
  let played: ReturnType<typeof exercises.start> | null = null;
  let proxy: ReturnType<typeof discovery.watch> | null = null;
  let prompts: ReturnType<typeof leaks.watch> | null = null;
  let recoveries: ReturnType<typeof recovery.start> | null = null;
  let severances: ReturnType<typeof sever.watch> | null = null;
  let warming: Promise<void> | null = null;
  return {
    async start() {
      // Before anything serves: a restored backup holds what was erased after it was made.
      await erasure.replay();
      audit.start();
      root.start();
      await fleet.start();
      await contradictions.start();
      await keyAlarms.start();
      projector.start();
      rotation.start();
      fetching.start();
      chain.start();
      house = keepHouse(platform, [
        pruneJob(projections),
        pruneBlobsJob(blobs),
        ...messages.hourly,
        notices.hourly,
      ]);
      tiles = keepTilesFilled(platform);
      canaries = watchCanaries(platform);
      prompts = leaks.watch();
      proxy = discovery.watch();
      await intake.life.start();
      obligations.start();
      notices.sending.start();
      rejudging = messages.start();
      played = exercises.start();
      recoveries = recovery.start();
      severances = sever.watch();
      push.start();
      // Beside answering: with many vendors it takes a second.
      warming = residency.warm();
    },
    async stop() {
      await warming;
      await push.stop();
      await intake.life.stop();
      await obligations.stop();
      await notices.sending.stop();
      await rejudging?.stop();
      await canaries?.stop();
      await prompts?.stop();
      await recoveries?.stop();
      await severances?.stop();
      await proxy?.stop();
      await played?.stop();
      contradictions.stop();
      keyAlarms.stop();
      await tiles?.stop();
      await fetching.stop();
      await chain.stop();
      await rotation.stop();
      await fleet.stop();
      await projector.stop();
      await house?.stop();
      await root.stop();
      await audit.stop();
    },
  };
}
