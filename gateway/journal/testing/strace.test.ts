import { describe, expect, it } from 'vitest';
import { parseStrace, syncs, writesTo } from './strace.ts';

/** Made up after what strace 6.1 writes with -f. */
const trace = `100 connect(20, {sa_family=AF_INET, sin_port=htons(9001), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS (Operation now in progress)
101 pwrite64(18, "\\5\\0\\0\\0(leaf) <unfinished ...> of a kind", 40, 0) = 40
102 fdatasync(18 <unfinished ...>
100 write(21, "elsewhere", 9)         = 9
102 <... fdatasync resumed>)          = 0
100 write(20, "POST / HTTP/1.1\\r\\n", 17 <unfinished ...>
103 fdatasync(18)                     = -1 EIO (Input/output error)
100 <... write resumed>)              = 17
100 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER} ---
100 close(20)                         = 0
100 write(20, "no socket any more", 18) = 18
101 fdatasync(18 <unfinished ...>
100 +++ exited with 0 +++
`;

describe('parseStrace', () => {
  it('joins calls that were interrupted in the telling, and orders all by when they began and ended', () => {
    const calls = parseStrace(trace);
    expect(calls.map(({ name, result, began, ended }) => [name, result, began, ended])).toEqual([
      ['connect', '-1 EINPROGRESS (Operation now in progress)', 0, 0],
      ['pwrite64', '40', 1, 1],
      ['fdatasync', '0', 2, 4],
      ['write', '9', 3, 3],
      ['write', '17', 5, 7],
      ['fdatasync', '-1 EIO (Input/output error)', 6, 6],
      ['close', '0', 9, 9],
      ['write', '18', 10, 10],
      ['fdatasync', '', 11, Number.POSITIVE_INFINITY],
    ]);
  });

  it('tells syncs that succeeded, and writes to a port, from all others', () => {
    const calls = parseStrace(trace);
    expect(syncs(calls).map(({ ended }) => ended)).toEqual([4]);
    expect(writesTo(calls, 9001).map(({ began }) => began)).toEqual([5]);
    expect(writesTo(calls, 9002)).toEqual([]);
  });
});
