import type { ContractDocument, TextScan } from '@drawbridge/protocol/contract';
import { type FieldClass, foundClasses } from '@drawbridge/protocol/vocabulary';
import { type ReactNode, useRef } from 'react';
import type { ServiceDetail, TreatmentName } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { ChoiceField } from '../design/field.tsx';
import { Note } from '../design/state.tsx';
import { Treatment as TreatmentWord } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { RuleRow } from './rule-row.tsx';
import { classesOf, mutable } from './rules.ts';
import {
  type FoundGroup,
  foundByTreatment,
  foundGroups,
  foundRule,
  groupOf,
  isLookedFor,
  isTextLevel,
  levelOf,
  lookedThrough,
  recommendedText,
  type TextDifference,
  type TextRulesDocument,
  textDifferences,
  textLevels,
} from './texts.ts';

const words = m.texts;

/** Refusals first: what is told of a contract begins with what the vendor does not get. */
const told: readonly TreatmentName[] = ['refuse', 'drop', 'tokenise', 'pseudonymise', 'generalise', 'pass'];

/** What becomes of texts, in one sentence. */
export function TextSentence({ service, rules }: { service: ServiceDetail; rules: ContractDocument }) {
  const { text } = rules;
  const isAi = service.kind === 'ai';
  if (text === undefined || text.scan === 'off') {
    return (
      <Note urgent={isAi}>
        <span className="font-strong">{words.off}</span> {words.offMeans(service.name)}
      </Note>
    );
  }
  const byTreatment = foundByTreatment(text);
  const becomes = told.flatMap((treatment) => {
    const things = byTreatment.get(treatment) ?? [];
    const named = things.map((name) => words.things[name] ?? classLabel(name));
    return named.length === 0 ? [] : [words.becomes[treatment](named, isAi)];
  });
  const kinds = isAi ? words.kinds.ai : words.kinds.other;
  return (
    <p className="max-w-[72ch]">{words.sentence(kinds, words.lookedFor[text.scan] ?? text.scan, becomes)}</p>
  );
}

/** What a contract does with what is found in texts: in a sentence, and then class by class, to be changed in place. */
export function TextRules({
  service,
  rules,
  base,
  found,
  countsTitle,
  observed,
  onChange,
}: {
  service: ServiceDetail;
  rules: ContractDocument;
  /** What `rules` started from: rows that differ are marked. */
  base: ContractDocument;
  /** How many of each class were found; undefined: that is not known. */
  found: ReadonlyMap<string, number> | undefined;
  countsTitle: string;
  observed: boolean;
  onChange: (rules: ContractDocument) => void;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { text } = rules;
  const level = levelOf(text);
  const { text: _text, ...without } = rules;
  const turnedOn = level !== 'off' && levelOf(base.text) === 'off';

  /** The button that was pressed is gone then: what it brought is read from its beginning. */
  function turn(next: ContractDocument): void {
    onChange(next);
    heading.current?.focus();
  }

  return (
    <section aria-label={words.title} className="flex flex-col gap-4">
      <h3 ref={heading} tabIndex={-1} className="text-head font-strong focus-visible:outline-none">
        {words.title}
      </h3>
      <TextSentence service={service} rules={rules} />
      {observed && level !== 'off' ? <Note>{words.observed}</Note> : null}
      {text === undefined ? (
        <div>
          <Button onClick={() => turn({ ...rules, text: recommendedText(service) })}>{words.turnOn}</Button>
        </div>
      ) : (
        <>
          {turnedOn ? (
            <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2">
              <Note>{words.preview}</Note>
              <Button
                slim
                onClick={() => turn(base.text === undefined ? without : { ...rules, text: base.text })}
              >
                {words.leaveOff}
              </Button>
            </div>
          ) : null}
          <div className="max-w-[760px]">
            <Levels
              text={text}
              name={`${service.id}-texts`}
              onChange={(next) => onChange({ ...rules, text: next })}
            />
          </div>
          {level === 'off' ? null : (
            <>
              <Places service={service} rules={rules} />
              <Found
                text={text}
                base={base.text}
                found={found}
                countsTitle={countsTitle}
                onChange={(next) => onChange({ ...rules, text: next })}
              />
              <ul className="max-w-[72ch] list-disc pl-5 text-small text-soft">
                {[...words.limits, ...(service.kind === 'ai' ? [words.keptAtVendor] : [])].map((limit) => (
                  <li key={limit}>{limit}</li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </section>
  );
}

function Levels({
  text,
  name,
  onChange,
}: {
  text: TextRulesDocument;
  name: string;
  onChange: (text: TextRulesDocument) => void;
}) {
  return (
    <ChoiceField
      label={words.level}
      name={name}
      columns={2}
      value={text.scan}
      choices={textLevels.map((level) => ({ value: level, ...words.levels[level] }))}
      onChoose={(level) => {
        if (isTextLevel(level)) onChange({ ...text, scan: level });
      }}
    />
  );
}

/** Which texts are looked through: what does not pass is treated as a whole. */
function Places({ service, rules }: { service: ServiceDetail; rules: ContractDocument }) {
  const unmapped: FieldClass = service.kind === 'ai' ? 'content.unmapped' : 'event.unmapped';
  const passes = rules.unmapped.do === 'pass' && rules.unmapped.values === undefined;
  const classes = new Set([...lookedThrough(rules, classesOf(service)), ...(passes ? [unmapped] : [])]);
  const names = [...classes].map(classLabel);
  return <p className="max-w-[72ch] text-soft">{names.length === 0 ? words.nowhere : words.where(names)}</p>;
}

function Found({
  text,
  base,
  found,
  countsTitle,
  onChange,
}: {
  text: TextRulesDocument;
  base: TextRulesDocument | undefined;
  found: ReadonlyMap<string, number> | undefined;
  countsTitle: string;
  onChange: (text: TextRulesDocument) => void;
}) {
  const changed = new Set(
    textDifferences(base, text).map((one) => (one.what === 'found' ? one.name : 'level')),
  );
  return (
    <table className="w-full table-fixed border-collapse text-left" aria-label={words.table}>
      <thead>
        <tr className="border-b border-line-strong text-small">
          <th scope="col" className="py-1 font-strong">
            {words.found}
          </th>
          <th scope="col" className="w-48 py-1 font-strong sm:w-84">
            {m.connect.table.treatment}
          </th>
          {found === undefined ? null : (
            <th scope="col" className="w-24 py-1 text-right font-strong max-sm:hidden">
              {countsTitle}
            </th>
          )}
        </tr>
      </thead>
      {foundGroups.map((group) => (
        <Group key={group} group={group} counted={found !== undefined}>
          {foundClasses
            .filter((name) => groupOf(name) === group)
            .map((name) =>
              isLookedFor(name, text.scan) ? (
                <RuleRow
                  key={name}
                  name={name}
                  label={classLabel(name)}
                  spoken={words.spoken(classLabel(name))}
                  treatment={foundRule(text, name)}
                  changed={changed.has(name)}
                  starts={false}
                  count={found && (found.get(name) ?? 0)}
                  onChange={(treatment) =>
                    onChange({ ...text, found: { ...text.found, [name]: mutable(treatment) } })
                  }
                />
              ) : (
                <tr key={name} className="border-b border-line text-soft">
                  <th scope="row" className="truncate py-1.5 pr-3 font-normal">
                    {classLabel(name)}
                  </th>
                  <td className="py-1.5 pl-5">{words.notLookedFor}</td>
                  {found === undefined ? null : <td className="max-sm:hidden" />}
                </tr>
              ),
            )}
          {group === 'own' ? (
            <RuleRow
              name={null}
              label={words.otherwise}
              treatment={text.otherwise}
              changed={changed.has(null)}
              starts
              count={found && 0}
              onChange={(treatment) => onChange({ ...text, otherwise: mutable(treatment) })}
            />
          ) : null}
        </Group>
      ))}
    </table>
  );
}

function Group({ group, counted, children }: { group: FoundGroup; counted: boolean; children: ReactNode }) {
  return (
    <tbody>
      <tr className="border-b border-line-strong">
        <th scope="rowgroup" colSpan={2} className="pt-4 pb-1 text-small font-strong">
          {words.groups[group]}
          {group === 'own' ? <span className="ml-2 font-normal text-soft">{words.ownHint}</span> : null}
        </th>
        {counted ? <td className="max-sm:hidden" /> : null}
      </tr>
      {children}
    </tbody>
  );
}

/** What would be otherwise in texts than under the version in force, before it is saved. */
export function TextDifferences({ base, rules }: { base: ContractDocument; rules: ContractDocument }) {
  const differences = textDifferences(base.text, rules.text);
  if (differences.length === 0) return null;
  return (
    <div className="flex max-w-[760px] flex-col gap-1">
      <h3 className="font-strong">{words.changes}</h3>
      <ul aria-label={words.changes} className="border-t border-line">
        {differences.map((one) => (
          <li
            key={one.what === 'level' ? one.what : one.name}
            className="grid gap-x-6 border-b border-line py-1.5 sm:grid-cols-[1fr_max-content]"
          >
            <Change difference={one} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Change({ difference }: { difference: TextDifference }) {
  if (difference.what === 'level') {
    const label = (level: TextScan): string => words.levels[level].label;
    return (
      <>
        <span>{words.level}</span>
        <span>
          {label(difference.before)} → <span className="font-strong">{label(difference.after)}</span>
        </span>
      </>
    );
  }
  const { name, before, after } = difference;
  return (
    <>
      <span>{name === null ? words.otherwise : classLabel(name)}</span>
      <span className="inline-flex flex-wrap items-center gap-2">
        <TreatmentWord treatment={before.do} /> → <TreatmentWord treatment={after.do} />
      </span>
    </>
  );
}
