import { useQuery } from '@tanstack/react-query';
import { write } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { Intake, RegisterEntry } from '../../api/register-types.ts';
import { Button, TextLink } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { register as words } from '../../messages/pages/register.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useActs } from './acts.ts';
import { orNull, QuestionSheet } from './form.tsx';

/** The vendor's connections: what was asked for them, and whether they may be used. */
export function Uses({ entry }: { entry: RegisterEntry }) {
  const { act, of, close } = useActs();
  const chosen = entry.connections.find(({ connection }) => connection.id === of);
  if (entry.connections.length === 0) return null;
  return (
    <Section title={words.use} lead={words.useLead}>
      <ul className="border-t border-line">
        {entry.connections.map((one) => (
          <Use key={one.connection.id} intake={one} />
        ))}
      </ul>
      {act === 'ask' && chosen !== undefined ? <AskSheet intake={chosen} onClose={close} /> : null}
      {act === 'except' && chosen !== undefined ? (
        <QuestionSheet
          title={words.exceptTitle}
          draftName={`exception.${chosen.connection.id}`}
          questions={[
            { name: 'owner', label: words.owner, required: true },
            { name: 'until', label: words.until, kind: 'date', required: true },
          ]}
          initial={{}}
          send={({ owner, until }, _, reason) =>
            write('POST', `/connections/${encodeURIComponent(chosen.connection.id)}/exceptions`, {
              body: { owner, until: `${until}T23:59:59Z` },
              reason,
            })
          }
          onClose={close}
        />
      ) : null}
    </Section>
  );
}

function Use({ intake: { connection, request, standing } }: { intake: Intake }) {
  const { show } = useActs();
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-b border-line py-2">
      <div className="min-w-0 flex-1 basis-[280px]">
        <TextLink to="/connections/$connection" params={{ connection: connection.id }}>
          {connection.name}
        </TextLink>{' '}
        <span className={standing.open ? 'text-soft' : 'text-alert'}>
          {standing.open ? words.open : words.closedState}
        </span>
        <p className="text-small text-soft">
          {request === null
            ? words.noRequest
            : `${request.purpose} (${request.owner}, ${words.tier} ${request.tier})`}
        </p>
        {standing.missing.map(({ code, text }) => (
          <p key={`${code} ${text}`} className="text-small">
            {text}
          </p>
        ))}
      </div>
      <div className="flex gap-2">
        <Permitted action="register.change">
          <Button slim onClick={() => show('ask', connection.id)}>
            {request === null ? words.ask : words.edit}
          </Button>
        </Permitted>
        {standing.open ? null : (
          <Permitted action="register.decide">
            <Button slim onClick={() => show('except', connection.id)}>
              {words.except}
            </Button>
          </Permitted>
        )}
      </div>
    </li>
  );
}

function AskSheet({ intake: { connection, request }, onClose }: { intake: Intake; onClose: () => void }) {
  const rules = useQuery(queries.registerRules());
  const tiers = rules.data?.tiers.map(({ id, name }) => [id, name] as const) ?? [];
  return (
    <QuestionSheet
      title={words.askTitle}
      draftName={`request.${connection.id}`}
      questions={[
        { name: 'purpose', label: words.fields.purpose, kind: 'long', required: true },
        { name: 'data', label: words.data },
        { name: 'owner', label: words.owner, required: true },
        { name: 'tier', label: words.tier, options: [['', words.unknown], ...tiers] },
      ]}
      initial={{
        purpose: request?.purpose ?? '',
        data: request?.data.join(', ') ?? '',
        owner: request?.owner ?? '',
        tier: request?.tier ?? '',
      }}
      send={({ purpose, data, owner, tier }, _, reason) =>
        write('PUT', `/connections/${encodeURIComponent(connection.id)}/request`, {
          body: {
            purpose,
            owner,
            data: (data ?? '')
              .split(',')
              .map((one) => one.trim())
              .filter((one) => one !== ''),
            ...(orNull(tier) === null ? {} : { tier }),
          },
          reason,
        })
      }
      onClose={onClose}
    />
  );
}
