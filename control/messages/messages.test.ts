import { readFile } from 'node:fs/promises';
import { compileRegister } from '@drawbridge/authenticity';
import { describe, expect, test } from 'vitest';
import { readFacts } from '../vendors/index.ts';
import { readMailLists } from './pack.ts';
import { registerOf } from './register.ts';

const packs = new URL('../../packs/', import.meta.url);
const lists = async () => {
  const read = readMailLists('links.yaml', await readFile(new URL('messages/links.yaml', packs), 'utf8'));
  if (!('lists' in read)) throw new Error(JSON.stringify(read.problems));
  return read.lists;
};

describe('the register of senders', () => {
  test('is made of the packs as they are shipped', async () => {
    const { vendors } = await readFacts(new URL('vendors/known', packs).pathname);
    const register = compileRegister(registerOf(vendors, await lists()));
    expect(register.senderOf('noreply@email.openai.com')?.vendor.id).toBe('openai');
    expect(register.senderOf('noreply@openai.com.gatherer.example')).toBeNull();
    expect(register.ownerOf('platform.openai.com')?.id).toBe('openai');
    expect([register.isTracker('u1.ct.sendgrid.net'), register.isShortener('bit.ly')]).toEqual([true, true]);
  });
});

describe('the lists', () => {
  test.each([
    [
      'a source that is not there',
      (text: string) => text.replace('from: trackers', 'from: nobody'),
      'trackers.from',
    ],
    [
      'what is no domain',
      (text: string) => text.replace('[acemlnb.com', '[not a domain'),
      'trackers.domains.0',
    ],
    ['one domain twice', (text: string) => text.replace('[adf.ly', '[bit.ly'), 'shorteners.domains'],
  ])('with %s are refused with its place', async (_, broken, field) => {
    const text = await readFile(new URL('messages/links.yaml', packs), 'utf8');
    const read = readMailLists('links.yaml', broken(text));
    if (!('problems' in read)) throw new Error('it was read');
    expect(read.problems[0]?.field).toContain(field);
    expect(read.problems[0]?.line).toBeGreaterThan(1);
  });
});
