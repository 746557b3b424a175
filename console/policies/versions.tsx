import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import type { PolicyDetail, PolicyVersion } from '../api/policy-types.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.policies.versions;

/** Every version with who wrote it and why; each opens what it changed. */
export function Versions({ policy }: { policy: PolicyDetail }) {
  return (
    <Section title={words.title}>
      <PlainTable
        label={words.table}
        heads={[words.version, words.who, words.why, words.state]}
        numeric={[words.when]}
      >
        {policy.versions.map((version) => (
          <tr key={version.version} className="border-b border-line align-top">
            <td className="px-3 py-2">
              <TextLink
                to="/policies/$policy"
                params={{ policy: policy.name }}
                search={{ version: String(version.version) }}
                resetScroll={false}
              >
                {version.version}
              </TextLink>
            </td>
            <td className="px-3 py-2">{version.author}</td>
            <td className="px-3 py-2">{version.reason}</td>
            <td className="px-3 py-2 whitespace-nowrap">{version.active ? words.inForce : ''}</td>
            <td className="px-3 py-2 text-right whitespace-nowrap">
              <Ago at={version.createdAt} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}

/** One version, line by line beside the one before it. */
export function VersionSheet({
  name,
  version,
  onActivate,
  onClose,
}: {
  name: string;
  version: string;
  onActivate: () => void;
  onClose: () => void;
}) {
  const found = useQuery(queries.policyVersion(name, version));
  const { data } = found;
  const mayChange = useMay('policy.change');
  return (
    <Sheet
      open
      onClose={onClose}
      title={data === undefined ? words.version : words.compare(data.version, data.before)}
    >
      {found.error ? <Trouble error={found.error} /> : null}
      {data === undefined && !found.error ? <Bones lines={5} /> : null}
      {data === undefined ? null : (
        <>
          <p className="text-soft">
            {data.author}, <Ago at={data.createdAt} />: {data.reason}
          </p>
          <Lines version={data} />
          <div className="flex gap-2">
            {data.active || !mayChange ? null : (
              <Button weight="main" onClick={onActivate}>
                {m.policies.one.activate(data.version)}
              </Button>
            )}
          </div>
        </>
      )}
    </Sheet>
  );
}

function Lines({ version: { before, lines } }: { version: PolicyVersion }) {
  if (before !== null && lines.every(({ sign }) => sign === ' ')) return <p>{words.same}</p>;
  const looks = { ' ': '', '+': 'bg-act-wash', '-': 'bg-sunken text-soft line-through' };
  const said = { ' ': '', '+': `${words.added}: `, '-': `${words.gone}: ` };
  return (
    <ScrollRegion label={words.lines}>
      <ol className="border border-line py-2 font-mono text-small leading-5">
        {lines.map(({ sign, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else that tells them apart, and never move
          <li key={index} className={`px-3 whitespace-pre ${before === null ? '' : looks[sign]}`}>
            <span className="sr-only">{before === null ? '' : said[sign]}</span>
            <span aria-hidden="true">{before === null ? '' : `${sign} `}</span>
            {text}
          </li>
        ))}
      </ol>
    </ScrollRegion>
  );
}
