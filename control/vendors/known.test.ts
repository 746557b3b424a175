import { describe, expect, it } from 'vitest';
import { readVendor } from './facts/index.ts';
import { createKnown, knownOf } from './known.ts';

const vendor = (id: string, ...domains: string[]) => {
  const read = readVendor(
    `${id}.yaml`,
    `format: drawbridge.vendor/1
id: ${id}
name: ${id}
category: other
sources: { site: { url: 'https://${id}.example/', as_of: '2026-01-01' } }
domains: [${domains.map((is) => `{ is: ${is}, from: site }`).join(', ')}]
`,
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.vendor;
};

describe('whose a host is', () => {
  const known = knownOf([vendor('clouds', 'clouds.example'), vendor('shop', 'shop.clouds.example')]);

  it('is said by the longest domain that it lies below', () => {
    expect(known.ofHost('api.eu.clouds.example')?.id).toBe('clouds');
    expect(known.ofHost('clouds.example')?.id).toBe('clouds');
    expect(known.ofHost('api.shop.clouds.example')?.id).toBe('shop');
  });

  it('is not said by a name that merely ends alike', () => {
    expect(known.ofHost('otherclouds.example')).toBeUndefined();
    expect(known.ofHost('example')).toBeUndefined();
  });
});

it('reads once, and again after a reading that failed', async () => {
  let readings = 0;
  const known = createKnown(async () => {
    readings += 1;
    if (readings === 1) throw new Error('the disk is away');
    return [vendor('clouds', 'clouds.example')];
  });
  await expect(known()).rejects.toThrow('the disk is away');
  const [one, other] = await Promise.all([known(), known()]);
  expect(one).toBe(other);
  expect(readings).toBe(2);
  expect(one.get('clouds')?.name).toBe('clouds');
});
