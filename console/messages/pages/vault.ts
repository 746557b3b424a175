import { count, plural } from '../../design/format.ts';

export const vault = {
  tab: 'Vault',
  title: (secrets: number, where: string) =>
    `${plural(secrets, 'secret is', 'secrets are')} sealed under one key, ${where}`,
  wheres: {
    file: 'which lies in a file on this machine',
    env: 'which stands in the environment of Drawbridge',
    command: 'which a command of yours hands over',
    'vault-transit': 'which your HashiCorp Vault or OpenBao keeps',
    'aws-kms': 'which AWS KMS keeps',
  },
  titleTrouble: 'The vault does not run: nothing that is sealed can be opened',
  titleRotating: 'The key is being replaced: until it is finished, two keys open everything',
  lead: 'Vendors’ credentials, pseudonym secrets and the keys that sign logs are sealed in the database. Only the vault, a process of its own, opens them; it has no call that answers with one in clear.',
  serving:
    'Gateways go on with what they have. New credentials and configurations wait until this is mended.',

  chain: 'What seals what',
  secretsCount: (secrets: number) => plural(secrets, 'secret', 'secrets'),
  secretsHint: 'Credentials and the other secrets, each bound to where it may be used',
  dataKey: (version: number) => `Data key ${version}`,
  dataKeyHint: 'In the database, wrapped',
  kek: (id: number) => `Key-encryption key ${id}`,
  kekHint: 'In no database and no backup of one',
  sealedUnder: 'sealed under',
  inUse: 'the vault was opened with it',
  since: 'since',
  sources: {
    file: 'file',
    env: 'environment',
    command: 'command',
    'vault-transit': 'Vault transit',
    'aws-kms': 'AWS KMS',
  },

  can: 'Who could read them',
  canBy: {
    file: (label: string) =>
      `Whoever has the key file ${label} and a copy of the database or a backup of it. Keep them on two disks, and their copies in two places.`,
    env: () =>
      'Whoever may read the environment of Drawbridge, or the place that it is set in, and has a copy of the database.',
    command: (label: string) =>
      `Whoever ${label} hands the key to, and what keeps it, together with a copy of the database.`,
    'vault-transit': (label: string) =>
      `Whoever may decrypt with ${label} there, together with a copy of the database. Its audit log shows each use.`,
    'aws-kms': (label: string) =>
      `Whoever has kms:Decrypt on ${label}, together with a copy of the database. CloudTrail shows each use.`,
  },
  canRoot:
    'Root on this machine, and the user that Drawbridge runs as: they can read the memory of the vault while it runs.',
  canGateway: 'Root on a gateway’s machine: the memory of its workers holds the credentials that they send.',
  cannot: 'Who could not',
  cannotRoles: 'Anybody at this console, owners too: no page and no answer of the API shows one again.',
  cannotDump: 'A thief of the database, of a backup or of a gateway’s disk, without the key.',
  cannotElsewhere:
    'Whoever points a connection at another host: a credential opens for the host that it was entered for, and no other.',
  cannotElsewhereLink: 'Two people decide about a new one',

  ageNever: 'It was never replaced: it was made',
  ageAt: 'It was last replaced',
  ageNew: 'The new key was made',
  dataAge: (version: number) => `Data key ${version} was made`,
  rotation: 'Replacing the key',
  underWay: (done: number, total: number) =>
    `${count(done)} of ${plural(total, 'secret is', 'secrets are')} under the new data key`,
  progress: 'How far wrapping anew has come',
  both: 'Both keys open everything now, so nothing waits and nothing fails.',
  resume: 'This page follows it. If the command was stopped, give it again: it goes on where it was.',
  resumeLabel: 'Go on where it was stopped',
  nextSource: (source: string) =>
    `The running vault was still opened with the old key. Set DRAWBRIDGE_KEY_SOURCE to ${source}, restart, then let the old key go:`,
  nextFinish:
    'The running vault was opened with the new key. Make a backup and copy the keys, then let the old key go:',
  how: 'It works while Drawbridge serves, and each step can be given again. On the machine where Drawbridge runs:',
  commands: {
    same: 'Another key of the same source',
    data: 'A new data key, too: every secret is wrapped anew',
    other: 'Another source, here AWS KMS',
    finish: 'Let the old key go',
  },
  when: 'Replace the data key, too, when somebody may have had the key and a copy of the database. If a credential itself was seen, replace it at the vendor.',
  whenLink: 'Rotation of credentials',
  copy: 'Without this key nobody opens anything, you included. Copy the key files, and keep the copy apart from backups of the database:',
  copyOther:
    'Without this key nobody opens anything, you included. See to it that what keeps it has a backup of its own.',
  copyLabel: 'Copy of the key files',

  missing: 'When the key is missing',
  missingLead:
    'Drawbridge says which it is, changes nothing, and goes on by itself once it is mended. Gateways keep serving meanwhile.',
  missingTable: 'What is said about a key that is missing',
  code: 'What it says',
  means: 'What it means, and what to do',
  codes: [
    [
      'kek_missing',
      'The key is not where it should be. Put the copy back, or set the source that it is from.',
    ],
    ['kek_wrong', 'There is a key, and it is another one: of another deployment, or from before a rotation.'],
    ['kek_denied', 'The service does not let these credentials use the key. Give them decrypt on it.'],
    [
      'kek_unavailable',
      'The service is sealed, throttles or does not answer. It is asked again every 5 seconds.',
    ],
    ['kek_permissions', 'Others can read the key file. Take their rights away (mode 0600).'],
    ['data_key_damaged', 'The key is right, and the data key in the database was changed. Restore a backup.'],
  ] as readonly (readonly [string, string])[],
} as const;
