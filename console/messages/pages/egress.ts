import { plural } from '../../design/format.ts';

const hosts = (n: number) => plural(n, 'host', 'hosts');
const apps = (n: number) => plural(n, 'app', 'apps');

export const egress = {
  tab: 'Egress',
  titleEmpty: 'No app uses the egress proxy yet',
  title: (used: number, days: number) => `Apps talked to ${hosts(used)} in the last ${days} days`,
  lead: 'For workloads without a base URL: a forward proxy that writes down each host before a byte goes out, and decrypts nothing.',
  consequence: (mode: string, { hosts: used, refused, apps: of, days }: Consequence) =>
    refused === 0
      ? `Mode ${mode}. Of ${hosts(used)} used in the last ${days} days, enforcing the lists would refuse none.`
      : `Mode ${mode}. ${mode === 'enforce' ? 'The lists refuse' : 'In enforce,'} ${hosts(refused)} that ${apps(of)} used in the last ${days} days${mode === 'enforce' ? '.' : ' would be refused.'}`,
  severs: 'In every mode, severed vendors and private networks are out of reach.',
  table: 'Hosts that apps talk to',
  host: 'Host',
  vendor: 'Vendor',
  unknownVendor: 'not known',
  apps: 'Apps',
  last: 'Last',
  crossings: 'Crossings',
  refused: 'Refused',
  bytes: 'Sent, received',
  enforced: 'In enforce',
  passes: 'passes',
  refusedFor: {
    egress_severed: 'severed',
    egress_denied: 'denied',
    egress_address: 'an address',
    egress_not_listed: 'not listed',
  } as Readonly<Record<string, string>>,
  act: 'Act',
  allow: 'Allow',
  deny: 'Deny',
  allowOf: (host: string) => `Allow ${host}`,
  denyOf: (host: string) => `Deny ${host}`,
  which: 'Which',
  whichOptions: { unknown: 'Of no known vendor' },
  none: 'No host matches',
  empty: 'Nothing went through the proxy yet',
  emptyLead:
    'Let an app in, then give it the proxy as two variables. The password is one of its secret virtual keys.',
  example:
    'HTTPS_PROXY is read by curl, Python, Go and most SDKs; Node 24 reads it with NODE_USE_ENV_PROXY=1.',
  shell: (host: string) =>
    `export HTTPS_PROXY=http://shop:dbk_your_key@${host}:4411 HTTP_PROXY=http://shop:dbk_your_key@${host}:4411\ncurl https://api.example.com/\npython3 -c 'import urllib.request as u; print(u.urlopen("https://api.example.com/").status)'\nNODE_USE_ENV_PROXY=1 node -e 'fetch("https://api.example.com/").then((r) => console.log(r.status))'`,
  shellLabel: 'How to point an app',
  letIn: 'Let an app in',
  changeMode: 'Change the mode',
  listSheet: {
    allow: (host: string) => `Allow ${host}`,
    deny: (host: string) => `Deny ${host}`,
    allowText: 'Every app that uses the proxy may reach this host from now on. Open tunnels stay.',
    denyText:
      'In enforce no app reaches this host from now on, and open tunnels to it are cut. In other modes it is recorded.',
  },
  modeSheet: {
    title: 'What the lists do',
    field: 'Mode',
    choices: {
      observe: { label: 'Observe', hint: 'All pass. What would be refused is recorded.' },
      warn: { label: 'Warn', hint: 'All pass. The answer says what would be refused.' },
      enforce: {
        label: 'Enforce',
        hint: 'What the lists do not let through is refused, and open tunnels to it are cut.',
      },
    },
  },
  appSheet: {
    title: 'Let an app use the egress proxy',
    field: 'App',
    text: 'Its secret keys open the proxy from now on.',
    noApps: 'Every app may use it already, or there is none.',
  },
  save: 'Save',
};

interface Consequence {
  hosts: number;
  refused: number;
  apps: number;
  days: number;
}
