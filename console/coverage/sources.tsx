import type { Coverage, CoverageSource } from '../api/coverage-types.ts';
import { Button } from '../design/button.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { coverage as words } from '../messages/pages/coverage.ts';
import { Permitted } from '../shell/permitted.tsx';

const { sources: texts, keys } = words;
const cell = 'border-b border-line px-3 py-2 align-top';

/** What was looked at, and what each source speaks for: also those that are not here. */
export function Sources({ coverage, onSay }: { coverage: Coverage; onSay: (source: string) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-strong">{texts.title}</h3>
      <PlainTable
        label={texts.title}
        heads={[texts.source, texts.speaksFor, texts.gateway]}
        numeric={[texts.counts]}
      >
        {coverage.sources.map((source) => (
          <tr key={`${source.kind} ${source.name} ${source.detail}`}>
            <th scope="row" className={`${cell} text-left font-normal`}>
              {nameOf(source)}
            </th>
            <td className={cell}>
              {source.measured ? texts.days(source.days, source.first, source.last) : `? ${texts.not}`}
            </td>
            <td className={cell}>
              {source.kind === 'traffic' ? (
                <span className="flex flex-wrap items-center gap-3">
                  {source.seesGateway === null
                    ? texts.seesUnknown
                    : source.seesGateway
                      ? texts.sees
                      : texts.seesNot}
                  <Permitted action="coverage.change">
                    <Button
                      slim
                      aria-label={`${texts.say}: ${source.name}`}
                      onClick={() => onSay(source.name)}
                    >
                      {texts.say}
                    </Button>
                  </Permitted>
                </span>
              ) : null}
            </td>
            <td className={`${cell} text-right whitespace-nowrap`}>
              {source.amount === null ? '?' : words.amount(source.amount, source.counts)}
            </td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}

function nameOf({ kind, name, detail }: CoverageSource): string {
  if (kind === 'egress_proxy') return texts.proxy;
  return kind === 'usage_report' ? texts.report(name, detail) : texts.traffic(name, detail);
}

/** Keys that the reports name, and whose they are. */
export function Keys({ coverage, onLink }: { coverage: Coverage; onLink: (key: string) => void }) {
  if (coverage.keys.length === 0) return null;
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-strong">{keys.title}</h3>
      <p className="max-w-[72ch] text-soft">{keys.lead}</p>
      <PlainTable label={keys.title} heads={[keys.key, keys.whose]} numeric={[keys.used]}>
        {coverage.keys.map(({ key, name, connection, held, amount }) => (
          <tr key={key}>
            <th scope="row" className={`${cell} text-left font-mono text-small font-normal break-all`}>
              {key}
            </th>
            <td className={cell}>
              <span className="flex flex-wrap items-center gap-3">
                {name ?? connection ?? (held === null ? keys.nobody : keys.held(held))}
                <Permitted action="coverage.change">
                  <Button slim aria-label={`${keys.link}: ${key}`} onClick={() => onLink(key)}>
                    {keys.link}
                  </Button>
                </Permitted>
              </span>
            </td>
            <td className={`${cell} text-right whitespace-nowrap`}>{words.amount(amount, coverage.unit)}</td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}
