import { joined } from '../dns/octodns.ts';
import { tellRecord } from '../dns/record.ts';
import { baseName, textFormat } from '../documents/format.ts';
import { at, itemsOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { ownOf } from '../seen-host.ts';
import type { Traces } from '../trace.ts';
import { type Block, hclBlocks } from './hcl.ts';

const ADDRESS = /^(?:[a-z0-9.-]+\/)?[a-z0-9_-]+\/[a-z0-9_-]+$/i;

/** As Terraform writes it in full: `registry.terraform.io/hashicorp/aws`. */
function tellProvider(traces: Traces, source: string, line: number, region?: string): void {
  if (!ADDRESS.test(source)) {
    traces.skip(line, 'this is no address of a provider', 'source');
    return;
  }
  const value = source.split('/').length === 3 ? source : `registry.terraform.io/${source}`;
  const detail = region === undefined ? {} : { region: region.slice(0, 100) };
  traces.saw({ kind: 'provider', value: value.toLowerCase(), grade: 'configured', line, detail });
}

/**
 * `.tf`: providers asked for, set up (with their region where it is written out) and used by resources; records of DNS; names of
 * variables. A provider that the file gives no source is HashiCorp's, as Terraform takes it.
 */
const terraform: Format = textFormat(
  {
    id: 'terraform',
    name: 'Terraform (.tf)',
    fits: (name) => (/\.(?:tf|tofu)$/.test(baseName(name)) ? 1 : 0),
  },
  (text, traces, options) => {
    const root = hclBlocks(text);
    const own = ownOf(options);
    const sources = new Map<string, string>();
    for (const settings of root.blocks.filter(({ type }) => type === 'terraform')) {
      for (const asked of settings.blocks.filter(({ type }) => type === 'required_providers')) {
        for (const [name, entry] of asked.attributes) {
          const source = textIn(at(entry, 'source')) ?? `hashicorp/${name}`;
          sources.set(name, source);
          tellProvider(traces, source, entry.line);
        }
      }
    }
    const sourceOf = (name: string) => sources.get(name) ?? `hashicorp/${name}`;
    for (const block of root.blocks) {
      const [label = ''] = block.labels;
      if (block.type === 'provider') {
        const region = textIn(block.attributes.get('region') ?? block.attributes.get('location'));
        tellProvider(traces, sourceOf(label), block.line, region);
      } else if (block.type === 'resource' || block.type === 'data') {
        const [prefix = ''] = label.split('_');
        if (prefix !== 'terraform') tellProvider(traces, sourceOf(prefix), block.line);
        if (block.type === 'resource') tellDns(block, traces, own);
      } else if (block.type === 'variable' && /^[\w-]{1,200}$/.test(label)) {
        traces.saw({
          kind: 'variable',
          value: label,
          grade: 'configured',
          line: block.line,
          detail: { in: 'terraform' },
        });
      }
    }
  },
);

const dnsResources = new Set([
  'aws_route53_record',
  'cloudflare_record',
  'cloudflare_dns_record',
  'google_dns_record_set',
]);

function tellDns(
  { labels: [kind = ''], attributes, line }: Block,
  traces: Traces,
  own: readonly string[],
): void {
  if (!dnsResources.has(kind)) return;
  const type = textIn(attributes.get('type'));
  if (type === undefined) {
    traces.skip(line, 'the type of a record is not written out', 'type');
    return;
  }
  const name = textIn(attributes.get('name')) ?? '@';
  const lists = ['records', 'rrdatas'].flatMap((list) => itemsOf(attributes.get(list)));
  const singles = ['value', 'content']
    .map((single) => attributes.get(single))
    .filter((tree) => tree !== undefined);
  for (const value of [...lists, ...singles] satisfies Tree[]) {
    const text = textIn(value);
    if (text === undefined) traces.skip(value.line, 'a value is not written out', 'records');
    else tellRecord(traces, { name, type, value: joined(text), line: value.line }, own);
  }
}

/** What `terraform init` locked. */
const terraformLock: Format = textFormat(
  {
    id: 'terraform-lock',
    name: '.terraform.lock.hcl',
    fits: (name) => (/\.terraform\.lock\.hcl$/.test(baseName(name)) ? 1 : 0),
  },
  (text, traces) => {
    for (const { type, labels, line } of hclBlocks(text).blocks) {
      const [address] = labels;
      if (type === 'provider' && address !== undefined) tellProvider(traces, address, line);
    }
  },
);

/** Infrastructure as it is written down. */
export const infrastructure: readonly Format[] = [terraform, terraformLock];
