/** One system call, as `strace -f` tells of it. `began` and `ended`: lines of the trace, so that calls can be ordered. */
export interface TracedCall {
  thread: number;
  name: string;
  /** What stands between the brackets. */
  args: string;
  /** What stands behind `=`; empty when the call never returned. */
  result: string;
  began: number;
  ended: number;
}

const LINE = /^(\d+)\s+(.*)$/;
const WHOLE = /^(\w+)\((.*)\)\s+= (.*)$/;
const UNFINISHED = /^(\w+)\((.*?)\s*<unfinished \.\.\.>$/;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)\)\s+= (.*)$/;

/** Reads the output of `strace -f`. Lines that are no calls (signals, exits) are passed over. */
export function parseStrace(trace: string): TracedCall[] {
  const calls: TracedCall[] = [];
  const open = new Map<string, TracedCall>();
  for (const [line, text] of trace.split('\n').entries()) {
    const [, pid = '', rest = ''] = LINE.exec(text) ?? [];
    const thread = Number(pid);
    const whole = WHOLE.exec(rest);
    const unfinished = UNFINISHED.exec(rest);
    const resumed = RESUMED.exec(rest);
    if (whole) {
      const [, name = '', args = '', result = ''] = whole;
      calls.push({ thread, name, args, result, began: line, ended: line });
    } else if (unfinished) {
      const [, name = '', args = ''] = unfinished;
      const call = { thread, name, args, result: '', began: line, ended: Number.POSITIVE_INFINITY };
      open.set(`${thread} ${name}`, call);
      calls.push(call);
    } else if (resumed) {
      const [, name = '', args = '', result = ''] = resumed;
      const call = open.get(`${thread} ${name}`);
      if (call) Object.assign(call, { args: call.args + args, result, ended: line });
    }
  }
  return calls;
}

/** The calls that succeeded in making a file's data durable. */
export function syncs(calls: readonly TracedCall[]): TracedCall[] {
  return calls.filter(({ name, result }) => /^(fdatasync|fsync)$/.test(name) && result.startsWith('0'));
}

/** The writes to sockets that were connected to `port` of this machine, in the order in which they began. */
export function writesTo(calls: readonly TracedCall[], port: number): TracedCall[] {
  const connected = new Set<string>();
  const writes: TracedCall[] = [];
  for (const call of calls) {
    const fd = /^\d+/.exec(call.args)?.[0] ?? '';
    if (call.name === 'connect' && call.args.includes(`htons(${port})`)) connected.add(fd);
    else if (call.name === 'close') connected.delete(fd);
    else if (connected.has(fd) && /^(write|writev|sendto|sendmsg)$/.test(call.name)) writes.push(call);
  }
  return writes;
}

/** The system calls to trace for these questions: `strace -f -e trace=… -s 256 -o <file>`. */
export const tracedCalls = 'connect,close,write,writev,pwrite64,pwritev,sendto,sendmsg,fdatasync,fsync';
