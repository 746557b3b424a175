import type { ContractDocument } from '@drawbridge/protocol/contract';
import { foundClasses } from '@drawbridge/protocol/vocabulary';
import type { WorkbenchRun } from '../api/workbench-types.ts';
import { RuleRow } from '../contract/rule-row.tsx';
import { mutable } from '../contract/rules.ts';
import {
  foundRule,
  isTextLevel,
  levelOf,
  type TextRulesDocument,
  textDifferences,
  textLevels,
} from '../contract/texts.ts';
import { TextDifferences } from '../contract/texts-panel.tsx';
import { Button, ButtonLink } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { SelectField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = m.workbench;

/** What a contract says of texts where it says nothing yet. */
const silent: TextRulesDocument = {
  scan: 'off',
  found: {},
  otherwise: { do: 'drop' },
  over_budget: 'refuse',
};

/** The part of the contract that a sample is about: a draft that is tried at once and put in force elsewhere. */
export function DraftContract({
  connection,
  rules,
  base,
  changed,
  run,
  onChange,
  onForget,
}: {
  connection: string;
  rules: ContractDocument;
  base: ContractDocument;
  changed: number;
  run: WorkbenchRun | undefined;
  onChange: (rules: ContractDocument) => void;
  onForget: () => void;
}) {
  const text = rules.text ?? silent;
  const counts = new Map<string, number>();
  for (const finding of run?.findings ?? []) counts.set(finding.class, (counts.get(finding.class) ?? 0) + 1);
  const differing = new Set(
    textDifferences(base.text, rules.text).map((one) => (one.what === 'found' ? one.name : null)),
  );
  const shown = foundClasses.filter((name) => counts.has(name) || differing.has(name));
  const put = (next: TextRulesDocument): void => onChange({ ...rules, text: next });
  return (
    <Section title={words.contract} lead={words.contractLead}>
      <SelectField
        label={words.level}
        value={levelOf(rules.text)}
        onChange={(event) => {
          const level = event.target.value;
          if (isTextLevel(level)) put({ ...text, scan: level });
        }}
      >
        {textLevels.map((level) => (
          <option key={level} value={level}>
            {m.texts.levels[level].label}
          </option>
        ))}
      </SelectField>
      {shown.length === 0 ? (
        <p className="text-soft">{words.noClasses}</p>
      ) : (
        <table className="w-full table-fixed border-collapse text-left" aria-label={words.contract}>
          <thead>
            <tr className="border-b border-line-strong text-small">
              <th scope="col" className="py-1 font-strong">
                {words.kindOfData}
              </th>
              <th scope="col" className="w-48 py-1 font-strong">
                {words.treatment}
              </th>
              <th scope="col" className="w-12 py-1 text-right font-strong max-sm:hidden">
                {words.count}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((name) => (
              <RuleRow
                key={name}
                name={name}
                label={classLabel(name)}
                spoken={m.texts.spoken(classLabel(name))}
                treatment={foundRule(text, name)}
                changed={differing.has(name)}
                starts={false}
                count={counts.get(name) ?? 0}
                onChange={(treatment) =>
                  put({ ...text, found: { ...text.found, [name]: mutable(treatment) } })
                }
              />
            ))}
          </tbody>
        </table>
      )}
      <TextDifferences base={base} rules={rules} />
      <p className={changed === 0 ? 'text-soft' : 'font-strong'}>
        {changed === 0 ? words.unchanged : words.changed(changed)}
      </p>
      {changed === 0 ? null : (
        <div className="flex flex-wrap gap-2">
          <Permitted action="contract.change" told>
            <ButtonLink weight="main" to="/connections/$connection" params={{ connection }} hash="contract">
              {words.adopt}
            </ButtonLink>
          </Permitted>
          <Button onClick={onForget}>{words.forget}</Button>
        </div>
      )}
    </Section>
  );
}
