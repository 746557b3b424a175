import { useState } from 'react';
import type { Rotation, RotationStep } from '../api/rotation-types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { EnterSheet } from './enter-sheet.tsx';
import { type Saying, SaySheet } from './say-sheet.tsx';

const words = m.rotation.underWay;
const forward: readonly RotationStep[] = [
  'create',
  'probe',
  'canary',
  'switch',
  'overlap',
  'deactivate',
  'delete',
  'prove',
  'done',
];
const backward: readonly RotationStep[] = ['undo', 'clean_up', 'undone'];

/** What is being replaced, step by step, and what a person can do there. */
export function UnderWay({ rotations }: { rotations: readonly Rotation[] }) {
  return (
    <Section title={words.title}>
      {rotations.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {rotations.map((one) => (
        <One key={one.id} rotation={one} />
      ))}
    </Section>
  );
}

function One({ rotation }: { rotation: Rotation }) {
  const [act, setAct] = useState<Saying | 'enter' | null>(null);
  const { needs } = rotation;
  const isTask = needs === 'enter_new_key' || needs === 'delete_old_key';
  const mayEnter = needs === 'enter_new_key' || (rotation.how === 'guided' && needs === 'new_key_refused');
  const close = () => setAct(null);
  return (
    <article
      aria-label={words.name(rotation.connection.name)}
      className="flex flex-col gap-3 border-t border-line pt-3"
    >
      <div>
        <h3 className="font-strong">{rotation.connection.name}</h3>
        <p className="text-soft">
          {words.versions(rotation.fromVersion, rotation.toVersion)}. {rotation.startedBy}: {rotation.reason}
        </p>
      </div>
      <Steps rotation={rotation} />
      <p className="text-small text-soft">
        {words.answered(rotation.seen.answered, rotation.seen.refused)}; {words.since}{' '}
        <Ago at={rotation.since} />; {words.lastOld} <Ago at={rotation.seen.oldLastAt} />
      </p>
      {rotation.needsText === null ? null : (
        <Note urgent={!isTask}>
          {rotation.needsText} {rotation.said}
        </Note>
      )}
      {needs !== null || rotation.said === null ? null : (
        <p className="text-small text-soft">{rotation.said}</p>
      )}
      {isTask && rotation.manual !== null ? (
        <p className="max-w-[72ch]">
          {rotation.manual.text}{' '}
          <a href={rotation.manual.url} rel="noreferrer" target="_blank">
            {m.rotation.enter.where}
          </a>
        </p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        {mayEnter ? (
          <Button weight="main" onClick={() => setAct('enter')}>
            {words.enter}
          </Button>
        ) : null}
        {needs === 'delete_old_key' ? (
          <Button weight="main" onClick={() => setAct('deleted')}>
            {words.deleted}
          </Button>
        ) : null}
        {needs !== null && !isTask ? <Button onClick={() => setAct('retry')}>{words.retry}</Button> : null}
        {rotation.canGoOn ? <Button onClick={() => setAct('go_on')}>{words.goOn}</Button> : null}
        {rotation.canRollBack ? (
          <Button weight="danger" onClick={() => setAct('roll_back')}>
            {words.back}
          </Button>
        ) : null}
      </div>
      {act === 'enter' ? <EnterSheet rotation={rotation} onClose={close} /> : null}
      {act !== null && act !== 'enter' ? <SaySheet rotation={rotation} says={act} onClose={close} /> : null}
    </article>
  );
}

/** The way as a strip: what is done, where it is, and what is to come. */
function Steps({ rotation }: { rotation: Rotation }) {
  const way = backward.includes(rotation.step) ? backward : forward;
  const here = way.indexOf(rotation.step);
  return (
    <ol className="flex flex-wrap gap-x-1 gap-y-2 text-small">
      {way.map((step, n) => {
        const state = n < here ? words.passed : n === here ? words.now : words.open;
        const look =
          n === here
            ? rotation.needs === null
              ? 'border-act bg-act-wash font-strong'
              : 'border-alert bg-alert-wash font-strong'
            : n < here
              ? 'border-line-strong'
              : 'border-line text-soft';
        return (
          <li
            key={step}
            aria-current={n === here ? 'step' : undefined}
            className={`border-t-3 px-2 py-1 ${look}`}
          >
            {m.rotation.steps[step]} <span className="sr-only">({state})</span>
          </li>
        );
      })}
    </ol>
  );
}
