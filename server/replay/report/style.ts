/** The page's own style: light and dark, nothing from outside. Colours as in the console. */
export const style = `
:root { color-scheme: light dark;
  --page: light-dark(#fafaf8, #111413); --panel: light-dark(#ffffff, #171b1a); --sunken: light-dark(#f1f2ef, #0c0f0e);
  --line: light-dark(#dfe1db, #2b312e); --ink: light-dark(#191d1b, #e9edea); --soft: light-dark(#555c58, #a5afa9);
  --pass: light-dark(#a84600, #e27c00); --pseudonym: light-dark(#1c78dc, #3389e3); --generalise: light-dark(#b88300, #ebc944); --drop: light-dark(#7d8180, #6f7472);
  --alert: light-dark(#b00f3c, #ff8596); --alert-wash: light-dark(#fbecef, #33191e); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 "IBM Plex Sans", Inter, system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 48px 24px 96px; }
h1 { font-size: 32px; line-height: 1.2; font-weight: 600; max-width: 24ch; margin: 0 0 16px; text-wrap: balance; }
h2 { font-size: 20px; font-weight: 600; margin: 64px 0 4px; }
p { max-width: 72ch; margin: 0 0 12px; }
.lead, figcaption, .note { color: var(--soft); }
.note { font-size: 14px; }
.problems { background: var(--alert-wash); border-left: 4px solid var(--alert); padding: 12px 16px; margin: 24px 0; }
.problems p { margin: 0; }
.crowds { display: grid; grid-template-columns: 1fr 1fr; gap: 48px; margin: 32px 0 12px; }
.crowds figure { margin: 0; }
.crowds svg { display: block; width: 100%; height: auto; background: var(--panel); border: 1px solid var(--line); padding: 8px; }
.crowds strong { display: block; color: var(--ink); font-size: 32px; font-weight: 600; line-height: 1.1; }
.crowds figcaption { margin-bottom: 12px; }
.crowds figcaption b { color: var(--ink); font-weight: 600; }
circle.reachable { fill: var(--pass); }
circle.unreachable { fill: none; stroke: var(--drop); stroke-width: 1; }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 50%; vertical-align: -1px; margin-right: 6px; }
.key.reachable { background: var(--pass); }
.key.unreachable { border: 2px solid var(--drop); }
table { border-collapse: collapse; width: 100%; margin: 16px 0; }
th, td { text-align: left; vertical-align: top; padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-size: 14px; font-weight: 600; border-bottom-color: var(--soft); }
th.date { white-space: nowrap; width: 8em; }
td.number, th.number { text-align: right; padding-right: 0; padding-left: 16px; white-space: nowrap; width: 9em; }
.person td { width: 39%; overflow-wrap: anywhere; }
.person th { color: var(--soft); width: 22%; }
.person td:nth-child(2) { color: var(--pass); }
td.nothing { color: var(--soft) !important; }
.facts td, .facts th[scope=row] { padding: 5px 0; border: 0; }
.facts th { text-align: center; width: 12em; }
.facts td { width: 40%; }
.facts .bar { display: flex; align-items: center; gap: 8px; font-size: 14px; }
.facts .left { flex-direction: row-reverse; }
.facts .bar span { display: block; height: 14px; }
.facts .left span { background: var(--pass); }
.facts .right span { background: var(--generalise); background-image: repeating-linear-gradient(135deg, transparent 0 4px, var(--page) 4px 6px); }
details { margin: 8px 0; border-bottom: 1px solid var(--line); padding-bottom: 8px; }
summary { cursor: pointer; padding: 4px 0; }
summary:focus-visible, a:focus-visible { outline: 3px solid var(--pseudonym); outline-offset: 2px; }
a { color: inherit; }
.two { columns: 2; column-gap: 48px; }
.two table { break-inside: avoid; }
@media (max-width: 720px) { .crowds { grid-template-columns: 1fr; gap: 24px; } .two { columns: 1; } h1 { font-size: 26px; } .facts th { width: 8em; } }
@media print { main { padding: 0; } details { break-inside: avoid; } }
`;
