import type { Confidence } from '@drawbridge/scan';
import type { Found, Skipped } from '../found.ts';
import type { Detector } from '../pack.ts';

const levelOf: Readonly<Record<Confidence, string>> = {
  certain: 'error',
  likely: 'warning',
  possible: 'note',
};

/** SARIF 2.1.0 (OASIS): one run; what could not be scanned stands among the tool's notifications. */
export function sarifReport(
  found: readonly Found[],
  skipped: readonly Skipped[],
  detectors: readonly Detector[],
  version: string,
): string {
  const ids = [...new Set(found.map(({ detector }) => detector))].sort();
  const places = new Map(ids.map((id, index) => [id, index]));
  const known = new Map(detectors.map((detector) => [detector.id, detector]));
  const rules = ids.map((id) => {
    const detector = known.get(id);
    if (detector === undefined) return { id };
    const { vendor, name, source } = detector;
    const text = `${vendor}: ${name}`;
    return {
      id,
      shortDescription: { text },
      ...(source.startsWith('https://') ? { helpUri: source } : {}),
    };
  });
  const results = found.map((one) => ({
    ruleId: one.detector,
    ruleIndex: places.get(one.detector),
    level: levelOf[one.confidence],
    message: { text: `${one.class}: ${one.why}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(one.path) },
          region: {
            startLine: one.start.line,
            startColumn: one.start.column,
            endLine: one.end.line,
            endColumn: one.end.column,
            byteOffset: one.start.offset,
            byteLength: one.end.offset - one.start.offset,
          },
        },
      },
    ],
    properties: { class: one.class, confidence: one.confidence },
  }));
  const troubles = skipped.filter(({ trouble }) => trouble);
  const run = {
    tool: { driver: { name: 'Drawbridge', version, rules } },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: troubles.length === 0,
        toolExecutionNotifications: troubles.map(({ path, reason }) => ({
          level: 'error',
          message: { text: `${path}: ${reason}` },
        })),
      },
    ],
    results,
  };
  const $schema =
    'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
  return `${JSON.stringify({ $schema, version: '2.1.0', runs: [run] })}\n`;
}

/** A path as a reference that is no scheme: `<commit>:<path>` keeps its colon only behind a slash. */
function uriOf(path: string): string {
  const parts = path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%3A', ':').replaceAll('%21', '!'));
  const uri = parts.join('/');
  return (parts[0] ?? '').includes(':') ? `./${uri}` : uri;
}
