import { readFile } from 'node:fs/promises';
import { compileRegister } from '@drawbridge/authenticity';
import { describe, expect, test } from 'vitest';
import { readFacts, type VendorFacts } from '../vendors/index.ts';
import { readMailLists } from './pack.ts';
import { type OwnSender, registerOf } from './register.ts';

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

  test('takes addresses of packs, and the organisation’s word of their domain before them where it trusts less', async () => {
    const facts = {
      id: 'codehost',
      name: 'Codehost',
      domains: [{ is: 'codehost.com' }],
      mail: [
        { is: 'codehost.com', kind: 'relayed' },
        { is: 'billing@codehost.com', kind: 'vendor' },
        { is: 'notes@codehost.com', kind: 'relayed' },
      ],
    } as unknown as VendorFacts;
    const made = await lists();
    const classes = (...own: OwnSender[]) => {
      const { senderOf } = compileRegister(registerOf([facts], made, own));
      return ['x', 'billing', 'notes'].map((name) => senderOf(`${name}@codehost.com`)?.class ?? null);
    };
    const said = (is: string, kind: OwnSender['class']): OwnSender => ({
      vendor: 'codehost',
      is,
      class: kind,
    });
    expect(classes()).toEqual(['relayed', 'vendor', 'relayed']);
    expect(classes(said('codehost.com', 'vendor'))).toEqual(['vendor', 'vendor', 'relayed']);
    expect(classes(said('codehost.com', 'relayed'))).toEqual(['relayed', 'relayed', 'relayed']);
    expect(classes(said('codehost.com', 'not_theirs'))).toEqual([null, null, null]);
    expect(classes(said('billing@codehost.com', 'relayed'))).toEqual(['relayed', 'relayed', 'relayed']);
    expect(classes(said('billing@codehost.com', 'not_theirs'))).toEqual(['relayed', 'relayed', 'relayed']);
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
