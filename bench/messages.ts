import { compileRegister, judgeMail } from '@drawbridge/authenticity';
import { mail, now, register } from '../libs/authenticity/testing/mail.ts';

/**
 * How long a message takes to be judged, with DNS that answers at once: small signed ones, large ones with HTML, forged ones.
 * Usage: node bench/messages.ts [messages]
 */
const count = Number(process.argv[2] ?? 300);
const compiled = compileRegister(register);
const html = `<html><body>${'<p>Words of a letter, <a href="https://acmeai.com/docs/page?x=1">with a link</a>.</p>'.repeat(300)}</body></html>`;
const kinds = [
  ['signed, 1 KB', await mail()],
  ['signed, 38 KB with 300 links', await mail({ html, text: 'Words of a letter. '.repeat(400) })],
  ['forged, 38 KB', await mail({ signer: null, from: 'Acme AI Support <x@gatherer.example>', html })],
] as const;

for (const [name, { raw, resolver }] of kinds) {
  const options = { register: compiled, resolver, now, arrival: 'file' as const };
  for (let warm = 0; warm < 30; warm++) await judgeMail(raw, options);
  const took: number[] = [];
  for (let n = 0; n < count; n++) {
    const started = performance.now();
    await judgeMail(raw, options);
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => (took[Math.floor(took.length * share)] ?? 0).toFixed(1);
  process.stdout.write(`${name.padEnd(32)} p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   (${raw.length} bytes)\n`);
}
