import { portkey } from '../../bench/gateway/peers.ts';
import type { Target } from './calls.ts';

/** Expressions for what expressions can find; a name after "my name is" among them. */
const rules: [rule: string, redactText: string][] = [
  ['/[\\w.+-]+@[\\w-]+\\.[\\w.]+/g', '[E-MAIL]'],
  ['/\\+\\d{1,3}[ \\d]{6,14}\\d/g', '[PHONE]'],
  ['/[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?/g', '[IBAN]'],
  ['/\\b(?:\\d[ -]?){13,19}\\b/g', '[CARD]'],
  ['/(?<=my name is )[A-Z]\\w+ [A-Z]\\w+/g', '[NAME]'],
];
const secret: [rule: string, redactText: string][] = [['/sk-ant-api03-[\\w-]{95}/g', '[SECRET]']];

/** Portkey's gateway from npm, its own masking by expressions set for all that the suite sends. Null: it is not to be had. */
export async function startPortkey(vendorPort: number): Promise<(Target & { stop(): Promise<void> }) | null> {
  const started = await portkey(0, vendorPort, '');
  if (started === null) return null;
  const at = (input: typeof rules): Target['at'] => {
    const place = (provider: string, base: string, path: string) => ({
      url: `${started.url}${path}`,
      key: 'made-up',
      headers: {
        'x-portkey-provider': provider,
        'x-portkey-custom-host': `http://127.0.0.1:${vendorPort}${base}`,
        'x-portkey-config': JSON.stringify({
          retry: { attempts: 0 },
          input_mutators: input.map(mutator),
          output_mutators: secret.map(mutator),
        }),
      },
    });
    return {
      openai: place('openai', '/v1', '/v1'),
      anthropic: place('anthropic', '/v1', ''),
      gemini: place('google', '/v1', ''),
    };
  };
  return {
    name: started.name,
    at: at(rules),
    // Its detector fails where its expression can't be compiled.
    failing: { at: at([['(', '[BROKEN]']]), text: (data) => data },
    stop: started.stop,
  };
}

const mutator = ([rule, redactText]: [string, string]): object => ({
  'default.regexReplace': { rule, redactText },
});
