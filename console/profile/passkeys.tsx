import type { MyFactors } from '../api/identity-types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { SetAct } from './page.tsx';

const words = m.profile;

/** Each passkey with its last use. The only way to sign in can't be removed, and says why. */
export function Passkeys({ factors, set }: { factors: MyFactors; set: SetAct }) {
  const { passkeys, totp, password } = factors;
  const isLast = passkeys.length === 1 && !(password && totp !== null);
  return (
    <Section
      title={words.passkeys}
      lead={passkeys.length === 0 ? words.noPasskeys : words.passkeysLead}
      acts={
        <Button slim onClick={() => set('passkey')}>
          {words.addPasskey}
        </Button>
      }
    >
      {passkeys.length === 0 ? null : (
        <ul className="border-t border-line">
          {passkeys.map((passkey) => (
            <li
              key={passkey.id}
              className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 border-b border-line py-2"
            >
              <div className="min-w-0">
                <p className="font-strong break-words">{passkey.name}</p>
                <p className="text-small text-soft">
                  {words.used} <Ago at={passkey.lastUsedAt} /> · {words.made} <Ago at={passkey.createdAt} />
                </p>
              </div>
              <div className="flex gap-1">
                <Button
                  weight="quiet"
                  slim
                  aria-label={words.renameOne(passkey.name)}
                  onClick={() => set('rename', passkey.id)}
                >
                  {words.rename}
                </Button>
                {isLast ? null : (
                  <Button
                    weight="quiet"
                    slim
                    aria-label={words.removeOne(passkey.name)}
                    onClick={() => set('remove', passkey.id)}
                  >
                    {words.remove}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {isLast ? <p className="text-soft">{words.lastOne}</p> : null}
    </Section>
  );
}
