import type { Workload } from '../api/trust-types.ts';

export const githubIssuer = 'https://token.actions.githubusercontent.com';

export type WorkloadKind = 'github' | 'kubernetes' | 'other';

/** Where a workload runs, by what its tokens say. */
export function kindOf({ issuer, subject }: Pick<Workload, 'issuer' | 'subject'>): WorkloadKind {
  if (issuer === githubIssuer) return 'github';
  return subject.startsWith('system:serviceaccount:') ? 'kubernetes' : 'other';
}

/** For the shell, in quotes that end nowhere inside. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const exchangeLines = (workload: Pick<Workload, 'id'>, origin: string): string[] => [
  `KEY=$(jq -n --arg token "$TOKEN" --arg workload ${quoted(workload.id)} '{$workload, $token}' |`,
  `  curl -sSf ${quoted(`${origin}/api/v1/workload/exchange`)} -H 'content-type: application/json' -d @- | jq -r .key)`,
];

/** Lines for a shell that has the workload's token in TOKEN. `origin`: where this console is. */
export function shellLines(workload: Pick<Workload, 'id'>, origin: string): string {
  return exchangeLines(workload, origin).join('\n');
}

/** Steps of a job of GitHub Actions; later steps find the key in DRAWBRIDGE_KEY, and logs do not. */
export function githubLines(workload: Pick<Workload, 'id' | 'audience'>, origin: string): string {
  const url = `"$ACTIONS_ID_TOKEN_REQUEST_URL"${quoted(`&audience=${encodeURIComponent(workload.audience)}`)}`;
  return [
    'permissions:',
    '  id-token: write',
    'steps:',
    '  - run: |',
    `      TOKEN=$(curl -sSf ${url} -H "authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" | jq -r .value)`,
    ...exchangeLines(workload, origin).map((line) => `      ${line}`),
    '      echo "::add-mask::$KEY"',
    '      echo "DRAWBRIDGE_KEY=$KEY" >> "$GITHUB_ENV"',
  ].join('\n');
}

const tokenFolder = '/var/run/secrets/drawbridge';

/** What a pod says to have its token in a file, renewed by the kubelet. */
export function podLines(workload: Pick<Workload, 'audience'>): string {
  return [
    'spec:',
    '  containers:',
    '    - name: app',
    '      volumeMounts:',
    `        - { name: drawbridge, mountPath: ${tokenFolder}, readOnly: true }`,
    '  volumes:',
    '    - name: drawbridge',
    '      projected:',
    '        sources:',
    '          - serviceAccountToken:',
    `              audience: ${JSON.stringify(workload.audience)}`,
    '              expirationSeconds: 3600',
    '              path: token',
  ].join('\n');
}

export function containerLines(workload: Pick<Workload, 'id'>, origin: string): string {
  return [`TOKEN=$(cat ${tokenFolder}/token)`, ...exchangeLines(workload, origin)].join('\n');
}
