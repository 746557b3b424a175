import { playReplay } from './replay.ts';
const r = await playReplay({ people: Number(process.argv[2] ?? 60), log: (l) => process.stderr.write(l + '\n') });
const { population, scenario, ...rest } = r;
console.log(JSON.stringify(rest, null, 1));
