import { m } from '../../messages/en.ts';
import type { Bundle, BundlePart } from './bundle.ts';

const words = m.outsider.page;

/** The line that verifies a part. Its quotes are those that every shell takes. */
export const verifyLine = (name: BundlePart['name'], verifierKey: string): string =>
  `node verify.mjs --vkey "${verifierKey}" --proof ${name}.tlog-proof --entry ${name}.entry`;

const style = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 72ch; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { padding: .75rem 1rem; border: 1px solid #8888; border-radius: 6px; white-space: pre-wrap; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; } pre code { font-size: .9rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid #8884; }
th { font-weight: 600; white-space: nowrap; }
`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
const list = (texts: readonly string[]): string =>
  `<ul>${texts.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
const lines = (texts: readonly string[]): string => `<pre><code>${escaped(texts.join('\n\n'))}</code></pre>`;
const table = (rows: readonly (readonly [string, string])[]): string =>
  `<table>${rows
    .map(
      ([name, text]) =>
        `<tr><th scope="row"><code>${escaped(name)}</code></th><td>${escaped(text)}</td></tr>`,
    )
    .join('')}</table>`;

/**
 * The page that lies in the folder: what it is, how to check it without us, what that proves and what not. It has no
 * script and loads nothing, and says so to the browser.
 */
export function outsiderPage({ title, log, parts, opened }: Bundle): string {
  const isSigned = parts.every(({ checkpoint }) => signatures(checkpoint) > 1);
  const files: (readonly [string, string])[] = [
    ...parts.flatMap(({ name, index, size }) => [
      [`${name}.entry`, words.entry[name]] as const,
      [`${name}.tlog-proof`, words.proof(index, size)] as const,
    ]),
    ['checkpoint', words.checkpoint],
    ['verifier-key.txt', words.key],
    ['verify.mjs', words.verify],
    ...(opened.length === 0 ? [] : [['opens.mjs', words.opens] as const]),
    ...opened.map(({ name, text }) => [name, text] as const),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${paragraph(words.lead)}
${table([
  [words.origin, log.origin],
  [words.verifierKey, log.verifierKey],
])}
<h2>${escaped(words.how)}</h2>
${paragraph(words.howLead)}
${lines(parts.map(({ name }) => verifyLine(name, log.verifierKey)))}
${paragraph(words.result)}
${opened.length === 0 ? paragraph(words.closed) : paragraph(words.opened) + lines(['node opens.mjs'])}
${list(words.trust)}
<h2>${escaped(words.proves)}</h2>
${list(words.provesList(opened.length > 0))}
<h2>${escaped(words.not)}</h2>
${list([...words.notList, isSigned ? words.witnessed : words.notWitnessed])}
<h2>${escaped(words.files)}</h2>
${table(files)}
${paragraph(words.standard)}
</main>
</body>
</html>
`;
}

/** How many signatures stand on a checkpoint. */
function signatures(checkpoint: string): number {
  return checkpoint.split('\n').filter((line) => line.startsWith('— ')).length;
}
