import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { CrossingEvidence, CrossingPayload, EvidenceEntry } from '../api/log-types.ts';
import { queries } from '../api/queries.ts';
import type { CrossingDetail } from '../api/types.ts';
import { classLabel } from '../design/classes.ts';
import { shortId } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { bytesOf, type KnownLog } from './checking.ts';
import { leafSays, payloadHolds, settlementSays } from './commitments.ts';
import { EntryVerdict, type ToldCheck } from './entry-verdict.tsx';
import { type Choice, Outside, type ProvenPart } from './outside.tsx';
import { useWay, Way } from './way.tsx';

const words = m.crossings.proof;
const outsider = m.outsider;
const utf8 = new TextEncoder();
const WAIT_MS = 2_000;

type CrossingPart = 'leaf' | 'settlement';

/** That its log has a crossing: leaf or settlement, the way to the signed root, and how to check it here and elsewhere. */
export function CrossingProof({
  crossing,
  part,
  acts,
}: {
  crossing: CrossingDetail;
  part: CrossingPart;
  acts: ReactNode;
}) {
  const evidence = useQuery({
    ...queries.crossingEvidence(crossing.id),
    // Nobody tells that a checkpoint was taken: until it is there, it is asked for.
    refetchInterval: ({ state }) => (state.data?.[part]?.proven === false ? WAIT_MS : false),
  });
  const payload = useQuery(queries.crossingPayload(crossing.id));
  const found = evidence.data?.[part];
  const isProven = found?.proven === true && found.entry !== null;
  const proof = useQuery({ ...queries.crossingProof(crossing.id, part), enabled: isProven });
  const error = evidence.error ?? payload.error ?? proof.error;
  const log = evidence.data === undefined ? null : knownLog(evidence.data.log);
  const framed = (content: ReactNode) => (
    <Section title={m.audit.one.proof} acts={acts}>
      {content}
    </Section>
  );
  if (error !== null && (evidence.data === undefined || proof.data === undefined)) {
    return framed(
      <Trouble
        error={error}
        onRetry={() => void Promise.all([evidence.refetch(), payload.refetch(), proof.refetch()])}
      />,
    );
  }
  if (evidence.data === undefined || payload.data === undefined || found === undefined)
    return framed(<Bones lines={6} />);
  if (found === null) return framed(<Note>{words.notSettled}</Note>);
  if (found.entry === null || !found.proven || log === null) return framed(<Note>{found.note}</Note>);
  if (proof.data === undefined) return framed(<Bones lines={6} />);
  return (
    <Known
      key={part}
      crossing={crossing}
      part={part}
      log={log}
      found={{ ...found, entry: found.entry }}
      proof={proof.data}
      payload={payload.data}
      acts={acts}
    />
  );
}

function knownLog({ name, origin, verifierKey }: CrossingEvidence['log']): KnownLog | null {
  return verifierKey === null ? null : { name, origin, verifierKey };
}

interface KnownProps {
  crossing: CrossingDetail;
  part: CrossingPart;
  log: KnownLog;
  found: EvidenceEntry & { entry: string };
  proof: string;
  payload: CrossingPayload;
  acts: ReactNode;
}

function Known({ crossing, part, log, found, proof, payload, acts }: KnownProps) {
  const { entry, index } = found;
  const way = useWay(proof, entry, log);
  const settled = useProvenSettlement(crossing, log, part === 'leaf' && crossing.settlement !== null);
  const own: ProvenPart | null =
    typeof way === 'string' || !way.fits ? null : { name: part, entry, proof, way };
  return (
    <>
      <Way way={way} broken={words.broken} acts={acts} />
      <EntryVerdict
        index={index}
        log={log}
        lead={m.audit.one.verifyLead}
        verified={words.verified}
        wrong={words.wrong}
        further={part === 'leaf' ? leafChecks(crossing, payload) : settlementChecks(crossing)}
      />
      {own === null ? null : (
        <Outside
          file={part === 'leaf' ? `crossing-${crossing.id}` : `crossing-${crossing.id}-settlement`}
          title={outsider.crossing(crossing.id)}
          log={log}
          parts={settled === null ? [own] : [own, settled]}
          {...(part === 'leaf' ? payloadChoices(crossing, payload) : { choices: [] })}
        />
      )}
    </>
  );
}

/** The settlement with its proof, to go along; null while it is not there, or does not fit: then its own view says so. */
function useProvenSettlement(crossing: CrossingDetail, log: KnownLog, wanted: boolean): ProvenPart | null {
  const evidence = useQuery(queries.crossingEvidence(crossing.id));
  const found = evidence.data?.settlement ?? null;
  const isThere = wanted && found?.proven === true && found.entry !== null;
  const proof = useQuery({ ...queries.crossingProof(crossing.id, 'settlement'), enabled: isThere });
  const entry = found?.entry ?? '';
  const way = useWay(proof.data ?? '', entry, log);
  if (!isThere || proof.data === undefined || typeof way === 'string' || !way.fits) return null;
  return { name: 'settlement', entry, proof: proof.data, way };
}

function leafChecks(crossing: CrossingDetail, payload: CrossingPayload): ToldCheck[] {
  const says: ToldCheck = {
    name: 'says',
    holds: (entry) => leafSays(entry, crossing),
    text: words.says,
    wrong: words.saysWrong,
    wrongDo: m.audit.one.wrongPayloadDo,
  };
  // Of items that were deleted before they were shipped nothing is shown that could be compared.
  const isGone = payload.items.length === 0 && crossing.items.length > 0;
  if (isGone) return [says];
  return [
    says,
    {
      name: 'items',
      holds: (entry) => payloadHolds(entry, payload, crossing),
      text: words.items,
      wrong: words.itemsWrong,
      wrongDo: m.audit.one.wrongPayloadDo,
    },
  ];
}

const settlementChecks = (crossing: CrossingDetail): ToldCheck[] => [
  {
    name: 'says',
    holds: (entry) => settlementSays(entry, crossing),
    text: words.settlementSays,
    wrong: words.saysWrong,
    wrongDo: m.audit.one.wrongPayloadDo,
  },
];

/** What can go along of a crossing's payload: each item, with what it holds; of those that don't, the hash. */
function payloadChoices(crossing: CrossingDetail, payload: CrossingPayload) {
  const choices: Choice[] = [];
  const erased: string[] = [];
  for (const [at, { bytes }] of payload.items.entries()) {
    const item = crossing.items[at];
    if (bytes === null || item === undefined) {
      erased.push(outsider.itemErased(at));
      continue;
    }
    const about = item.subject === null ? outsider.itemNobody : outsider.itemAbout(shortId(item.subject));
    const holds = item.fields
      .map((field) => `${classLabel(field.class)} ${m.treatment[field.treatment].got}`)
      .filter((text, index, all) => all.indexOf(text) === index)
      .join(', ');
    choices.push({
      name: String(at),
      label: outsider.item(at, about),
      hint: `${outsider.itemHolds(holds)} ${item.subject === null ? '' : outsider.itemHint}`.trim(),
      files: [{ name: `items/${at}.json`, text: outsider.itemFile, bytes: bytesOf(bytes) }],
    });
  }
  const besides = payload.items.map(({ hash }, at) => ({
    name: `items/${at}.hash`,
    text: outsider.hashFile,
    bytes: utf8.encode(`${hexOf(bytesOf(hash))}\n`),
    unless: String(at),
  }));
  const isGone = payload.items.length === 0;
  const gone = crossing.items.length === 0 ? outsider.itemsNone : outsider.itemsGone;
  const absent = isGone ? (
    <p className="text-soft">{gone}</p>
  ) : (
    erased.map((text) => (
      <p key={text} className="text-soft">
        {text}
      </p>
    ))
  );
  return { choices, besides, absent };
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
