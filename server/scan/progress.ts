import type { ScanResult } from './run.ts';

const QUIET_MS = 2000;
const ON_A_TERMINAL_MS = 500;
const ELSEWHERE_MS = 10_000;

/** Says on stderr how far a long scan is: in one line that is written anew, or, where no terminal is, now and then. */
export function showProgress(result: ScanResult, out: NodeJS.WriteStream): () => void {
  const started = performance.now();
  let shown = 0;
  let isShown = false;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - started < QUIET_MS || now - shown < (out.isTTY ? ON_A_TERMINAL_MS : ELSEWHERE_MS)) return;
    shown = now;
    isShown = true;
    const line = `Scanning: ${sumOf(result, now - started)}, ${result.found.length} found`;
    out.write(out.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }, ON_A_TERMINAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (isShown && out.isTTY) out.write('\r\u001b[K');
  };
}

/** `1,234 files and 5,678 blobs of history, 90.1 MB in 2.3 s`. */
export function sumOf({ files, blobs, bytes }: ScanResult, milliseconds: number): string {
  const history = blobs === 0 ? '' : ` and ${blobs.toLocaleString('en')} blobs in git`;
  const size = (bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 });
  const counted = `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'}`;
  return `${counted}${history}, ${size} MB of text in ${(milliseconds / 1000).toFixed(1)} s`;
}
