import type { Random } from './made-up.ts';
import { seeded } from './made-up.ts';

/**
 * Text without personal data, made by this project: code, logs, prose in six languages, tables of ids, versions, hashes,
 * times and prices. Whatever is found in it with certainty is found for the wrong reason.
 */
const CODE = `import { readFile } from 'node:fs/promises';
export const RETRIES = 3, TIMEOUT_MS = 30_000, MAGIC = 0x7fffffff;
@Component({ selector: 'app-root', name: 'Main Menu' })
class Cache<K, V> { #map = new Map<K, V>(); get size(): number { return this.#map.size; } }
const rgba = 'rgba(255, 255, 255, 0.85)', color = '#ff00aa', pad = '12px 16px 12px 16px';
std::vector<std::pair<int, int>> edges{{1, 2}, {3, 4}}; Face::add(dead::beef, cafe::bed);
if (a?.b && c?d=1:2) { throw new RangeError(\`expected \${a.length} got \${b}\`); }
y = x @ W.T + b; result = A@B; value = obj.attr.other[0].name
SELECT u.name AS "first", count(*) FROM orders o WHERE o.id IN (1234567, 7654321) AND n.name IS NULL;
"dependencies": { "react": "^18.2.0", "vite": "8.0.1", "@types/node": "24.19.2" }
npm install left-pad@1.3.0 pkg@2.0.0-beta.4 && docker pull registry.example/app@sha256:0a1b
const from = Buffer.from(text), to = Math.max(0, end - 1); // To: the end. From: the start
margin: -12px 0 -3px -1px; grid-area: 1 / 2 / 3 / 4; transition: all 150ms cubic-bezier(0.4, 0, 0.2, 1);
`;
const LOG = `2026-11-22T14:30:45.123456Z INFO worker=3 took=12.5ms bytes=16384 status=200 path=/v1/items/4711
[14:30:45.001] (12/345) compiled 1,234 modules in 5678 ms, heap 123.4/512.0 MB, pid 40123
at Object.<anonymous> (/srv/app/lib/index.js:1203:45) at Module._compile (node:internal/modules/cjs/loader:1554:14)
Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91; Windows NT 10.0; rv:109.0; version 4.0.30319.42000
commit 4f1d2c3b5a69788796a5b4c3d2e1f00112233445 tree 3f2504e0-4f89-41d3-9a0c-0305e82c3301
2026/11/22 14:30:45 [notice] 1234#1234: signal 29 (SIGIO) received, retry 3 of 5 in 250ms
listening on 127.0.0.1:8080 and [::1]:8080, 0.0.0.0, up 19:38, load average: 6.75, 7.91, 6.15
`;
const PROSE = `The committee met on 12 March 2025 and agreed that the budget of $1,234,567.89 would rise by 3.5 % in 2026/27.
See Section 19.1.2.20 and figures 4-12, 4-13; chapter 10 has 24 exercises. Meet at example.org at 10:30. Thanks for reading.
Best of all, Hello World is a program. Dear reader, the top 10 Broad ideas follow: 5 Best Places, 12 Angry Men, 7 Wonders.
Der Bericht vom 12.03.2025 nennt 1.234.567,89 Euro, das sind 12,5 % mehr. Liebe Leserinnen, Hallo zusammen, siehe Seite 12.
Im Jahr 1998 waren es 100 000 Einheiten; Artikel 5 Absatz 3 gilt. Das Ziel ist Ordnung. Auf dem Weg 3 Kilometer gehen.
Le rapport du 12 mars 2025 ne change rien : il ne faut que 3 pages, 12 tableaux et 1 234 567 euros. Bonjour à tous !
El informe del 12 de marzo de 2025 tiene 345 páginas y cuesta 1.234,56 euros. Hola a todos, gracias por leer el capítulo 7.
Il rapporto del 12 marzo 2025 ha 345 pagine; la NATO non è nata ieri. Ciao a tutti, il prezzo è di 99,90 euro via 3 passi.
Het verslag van 12 maart 2025 telt 345 bladzijden en kost 1.234,56 euro. Hallo allemaal, op weg 5 staat de toren van 1650.
`;

const hex = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random(16).toString(16)).join('');
const number = (random: Random, count: number): string =>
  `${1 + random(9)}${Array.from({ length: count - 1 }, () => random(10)).join('')}`;

/** Rows of what is most often taken for something else. */
function table(random: Random): string {
  const millis = 1_600_000_000_000 + random(200_000_000) * 1000;
  return [
    `id=${hex(random, 32)} uuid=${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-9${hex(random, 3)}-${hex(random, 12)}`,
    `at ${millis} (${new Date(millis).toISOString()}) took ${random(10_000)}.${random(1000)} ms`,
    `v${random(30)}.${random(40)}.${random(90)} -> version ${random(30)}.${random(200)}.${random(200)}.${random(9)}`,
    `order ORD-${number(random, 6)}-${number(random, 4)}, invoice ${number(random, 7)}, price €${random(9999)}.${10 + random(90)}, SKU ${number(random, 5)}-${number(random, 3)}`,
    `0x${hex(random, 16)} 0.${number(random, 16)} ${random(999)}e-${random(30)} ${random(99)}% ${random(12)}:${10 + random(50)}:${10 + random(50)}`,
    `${number(random, 5)} ${number(random, 4)} ${number(random, 3)} ${random(99)} ${random(9)} ${number(random, 6)}`,
  ].join('\n');
}

/** About `size` characters, the same for the same seed. */
export function cleanText(size: number, seed = 1): string {
  const random = seeded(seed);
  const parts: string[] = [];
  for (let length = 0; length < size; ) {
    const part = [CODE, LOG, PROSE, table(random), table(random)][random(5)] ?? PROSE;
    parts.push(part);
    length += part.length + 1;
  }
  return parts.join('\n');
}
