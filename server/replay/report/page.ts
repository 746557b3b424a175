import type { ReplayResult } from '../replay.ts';
import { crowd, crowdColumns } from './crowd.ts';
import { html, Markup } from './markup.ts';
import { style } from './style.ts';
import {
  circumstances,
  count,
  funnelSame,
  headline,
  type Measure,
  measures,
  percent,
  remains,
  unicityNote,
} from './words.ts';

function crowds(result: ReplayResult): Markup {
  const { asIs, minimised } = result;
  const columns = crowdColumns(result.people);
  const one = (pass: typeof asIs, id: string, name: string): Markup => {
    const words = `${count(pass.peopleReachable)} of ${count(pass.people)} people can be reached; on average ${pass.quotableFactsPerPerson.toFixed(1)} kinds of facts are known about each.`;
    return html`<figure><figcaption><b>${name}</b><strong>${count(pass.peopleReachable)}</strong> people the thief can write to or call</figcaption>${crowd(pass, id, `${name}: ${words}`, columns)}</figure>`;
  };
  return html`<div class="crowds">${one(asIs, 'as-is', 'Without Drawbridge')}${one(minimised, 'minimised', 'With Drawbridge')}</div>
<p class="note"><span class="key reachable"></span>a person who can be reached, <span class="key unreachable"></span>one who can’t. The larger, the more kinds of facts a stranger could quote.</p>`;
}

function sideBySide(head: string, rows: readonly Measure[]): Markup {
  return html`<table><thead><tr><th scope="col">${head}</th><th scope="col" class="number">as is</th><th scope="col" class="number">minimised</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row.label}<br><span class="note">${row.note}</span></th><td class="number">${row.asIs}</td><td class="number">${row.minimised}</td></tr>`,
  )}</tbody></table>`;
}

/** Two bars from the middle: how many people each kind of fact is held about. */
function facts(result: ReplayResult): Markup {
  const after = new Map(result.minimised.facts.map(({ fact, people }) => [fact, people]));
  const bar = (people: number, side: 'left' | 'right'): Markup => {
    const width = ((people / Math.max(1, result.people)) * 80).toFixed(1);
    return html`<div class="bar ${side}"><span style="width:${width}%"></span>${count(people)}</div>`;
  };
  return html`<table class="facts"><thead><tr><th scope="col">Without: people</th><th scope="col">Fact</th><th scope="col">With: people</th></tr></thead><tbody>${result.asIs.facts.map(
    ({ fact, people }) =>
      html`<tr><td>${bar(people, 'left')}</td><th scope="row">${fact}</th><td>${bar(after.get(fact) ?? 0, 'right')}</td></tr>`,
  )}</tbody></table>`;
}

function person(result: ReplayResult): Markup {
  const { asIs, minimised } = result.example;
  const cell = (value: string | null | undefined): Markup =>
    value === null || value === undefined ? html`<td class="nothing">nothing</td>` : html`<td>${value}</td>`;
  return html`<table class="person"><thead><tr><th scope="col"></th><th scope="col">as is</th><th scope="col">minimised</th></tr></thead><tbody>${asIs.map(
    (line, index) =>
      html`<tr><th scope="row">${line.label}</th>${cell(line.value)}${cell(minimised[index]?.value)}</tr>`,
  )}</tbody></table>`;
}

function funnel(result: ReplayResult): Markup {
  const verdict = funnelSame(result)
    ? 'The same, step by step.'
    : 'Not the same: minimising broke what analytics is for.';
  return html`<p>${verdict} The vendor counts by names that it can’t read; the organisation reads them by what it knows of one test user’s journey.</p>
<table><thead><tr><th scope="col">Step</th><th scope="col" class="number">as is</th><th scope="col" class="number">minimised</th></tr></thead><tbody>${result.funnelSteps.map(
    (step, index) =>
      html`<tr><th scope="row">${step}</th><td class="number">${count(result.funnel.asIs[index] ?? 0)}</td><td class="number">${count(result.funnel.minimised[index] ?? 0)}</td></tr>`,
  )}</tbody></table>`;
}

function population(result: ReplayResult): Markup {
  return html`<div class="two">${result.population.map(
    ({ name, values }) =>
      html`<table><thead><tr><th scope="col">${name}</th><th scope="col" class="number">people</th></tr></thead><tbody>${values
        .slice(0, 12)
        .map(
          ({ value, people }) =>
            html`<tr><th scope="row">${value}</th><td class="number">${count(people)} · ${percent(people / result.people)}</td></tr>`,
        )}${values.length > 12 ? html`<tr><th scope="row">${count(values.length - 12)} more</th><td class="number"></td></tr>` : html``}</tbody></table>`,
  )}</div>`;
}

function problems(result: ReplayResult): Markup {
  if (result.problems.length === 0) return html``;
  return html`<div class="problems" role="alert">${result.problems.map((text) => html`<p>${text}</p>`)}</div>`;
}

/** The result as one page that needs nothing from outside itself. */
export function replayPage(result: ReplayResult): string {
  const note = unicityNote(result);
  const { scenario } = result;
  const body = html`<main>
<h1>${headline(result)}</h1>
<p class="lead">${scenario.title}. ${circumstances(result)} Then both vendors’ whole stores were stolen, twice.</p>
${problems(result)}
${crowds(result)}
<h2>What the thief got</h2>
${sideBySide('Theft of everything the vendors hold', measures(result))}
${note === null ? html`` : html`<p class="note">${note}</p>`}
<h2>Fact by fact</h2>
<p class="lead">About how many people each kind of fact could be quoted.</p>
${facts(result)}
<h2>One person, twice</h2>
<p class="lead">The first who was played, and the only one of whom we can tell in the minimised theft who they are. Nobody here exists; what would name them is masked all the same.</p>
${person(result)}
<h2>Analytics goes on</h2>
${funnel(result)}
<h2>What is left</h2>
<p class="lead">Minimising is not vanishing. Timing, volume and the order of events still cross, and an insider who knows enough of them could find somebody again.</p>
${sideBySide('Still there', remains(result))}
<p class="note">Attributes that the minimised theft can tell people apart by: ${result.minimised.attributes.join(', ') || 'none'}.</p>
<h2>The population</h2>
<p class="lead">All made up (seed ${scenario.seed}), and unicity means nothing without it: fewer people, or rarer values, make more of them unique.</p>
${population(result)}
<h2>The incident</h2>
<p>${scenario.summary}</p>
<table><tbody>${scenario.facts.map(
    (fact) =>
      html`<tr><th scope="row" class="date">${fact.date}</th><td>${fact.text} <span class="note">(${fact.confidence}, <a href="${fact.source}" rel="noreferrer">source</a>)</span></td></tr>`,
  )}</tbody></table>
<p class="note">Facts as of ${scenario.as_of}. Played ${result.playedAt.slice(0, 16).replace('T', ' ')} UTC in ${result.seconds} s. Stand-ins took the vendors’ places: nothing left this machine.</p>
</main>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Replay: ${scenario.title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.html;
}
