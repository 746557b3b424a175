import { useMutation } from '@tanstack/react-query';
import { readText } from '../../api/client.ts';
import { useMay } from '../../api/may.ts';
import { Button } from '../../design/button.tsx';
import { saveAs } from '../../design/save.ts';
import { Trouble } from '../../design/state.tsx';
import { exchange as words } from '../../messages/pages/register-exchange.ts';

const ofRegister = [
  { name: words.exports.csv, path: '/register/export?format=csv', file: 'register.csv' },
  { name: words.exports.json, path: '/register/export?format=json', file: 'register.json' },
] as const;
/** The format holds services and what depends on what: that is the chain. */
const ofChain = {
  name: words.exports.cdx,
  path: '/chain/export.cdx.json',
  file: 'vendors.cdx.json',
} as const;

/** Files of the register. */
export function RegisterExports() {
  const mayChain = useMay('chain.read');
  const save = useMutation({
    mutationFn: async ({ path, file }: { path: string; file: string }) =>
      saveAs(file, [await readText(path, AbortSignal.timeout(120_000))]),
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-soft">{words.exportLabel}</span>
      {[...ofRegister, ...(mayChain ? [ofChain] : [])].map((kind) => (
        <Button key={kind.file} slim disabled={save.isPending} onClick={() => save.mutate(kind)}>
          {kind.name}
        </Button>
      ))}
      <span className="text-small text-soft">{words.exportHint}</span>
      {save.error ? <Trouble error={save.error} /> : null}
    </div>
  );
}
