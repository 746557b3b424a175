/** IPv4 to its /24, IPv6 to its /48, or null when it is no address. */
export function networkOf(text: string): string | null {
  if (text.length > 45) return null;
  const v4 = parseIpv4(text);
  if (v4 !== null) return `${v4[0]}.${v4[1]}.${v4[2]}.0`;
  const v6 = parseIpv6(text);
  if (v6 === null) return null;
  const mapped = v6.slice(0, 5).every((group) => group === 0) && v6[5] === 0xffff;
  if (mapped) return `${(v6[6] ?? 0) >> 8}.${(v6[6] ?? 0) & 255}.${(v6[7] ?? 0) >> 8}.0`;
  const kept = v6.slice(0, 3);
  return kept.every((group) => group === 0) ? '::' : `${kept.map((group) => group.toString(16)).join(':')}::`;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const octets = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return octets.every((octet) => octet < 256) ? octets : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '');
  const tail = groupsOf(halves[1] ?? '');
  if (head === null || tail === null) return null;
  if (halves.length === 1) return head.length === 8 ? head : null;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? null : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The 16-bit groups of one side of an IPv6 address; the last may be an IPv4 address, which makes two. */
function groupsOf(side: string): number[] | null {
  if (side === '') return [];
  const groups: number[] = [];
  for (const part of side.split(':')) {
    const v4 = part.includes('.') ? parseIpv4(part) : null;
    if (v4 !== null) groups.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups.length > 8 ? null : groups;
}
