import { afterAll, beforeAll } from 'vitest';
import { hostileToApi } from './edges/api-input.ts';
import { browserUse } from './edges/browsers.ts';
import { hostileToGateway } from './edges/gateway-input.ts';
import { type House, openHouse } from './edges/house.ts';
import { pseudonyms } from './edges/pseudonyms.ts';

/** The edges of a whole deployment, which all of these share. */
let opened: House;
beforeAll(async () => {
  opened = await openHouse();
}, 240_000);
afterAll(() => opened?.remove());
const house = (): House => opened;

pseudonyms(house);
browserUse(house);
hostileToGateway(house);
hostileToApi(house);
