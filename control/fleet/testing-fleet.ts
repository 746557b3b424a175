import type { Snapshot } from '@drawbridge/protocol';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Fleet } from './index.ts';
import { type EnrolledGateway, type TestHouse, testHouse } from './testing.ts';

export const CREDENTIAL = 'made-up-vendor-credential-7f3a91c2';

/** What the tests of a file work on; its members are there from the first `beforeEach` on. */
interface TestFleet {
  house: TestHouse;
  gateway: EnrolledGateway;
  fleet: Fleet;
  /** Publishes what was changed, and gives what the gateway is to run on. */
  current(): Promise<Snapshot>;
}

/** Before each test of the file that calls this: an empty house, one gateway let in, and a fleet that publishes. */
export function testFleet(): TestFleet {
  const here = {
    async current() {
      await here.fleet.refresh();
      return here.fleet.compileSnapshot(here.gateway.id);
    },
  } as TestFleet;
  beforeAll(async () => {
    here.house = await testHouse();
  });
  afterAll(() => here.house.close());
  beforeEach(async () => {
    await here.house.reset();
    here.gateway = await here.house.enrol('gateway-1');
    here.fleet = here.house.newFleet();
    await here.fleet.start();
  });
  afterEach(() => here.fleet.stop());
  return here;
}
