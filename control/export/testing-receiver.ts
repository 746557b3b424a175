import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** Made up for tests: vouches for siem.example.test and 127.0.0.1, and nobody trusts it who is not told to. */
export const certificate = {
  key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEINPkWZUhc69VJgdh71jYN6DwLnkaoJcABjNce4/zE08koAoGCCqGSM49
AwEHoUQDQgAEz9LB2C1h7UzJQTyLHq1Hc93RfUH+1HhV3p5T/+RpvelERZ0L7twK
+GBw6UWHXIsb4DXnkyBtk2h1aXmO1L/cvg==
-----END EC PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBsjCCAVmgAwIBAgIUFHlIE/XxgLJ7n5huELXpYrXztKMwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRc2llbS5leGFtcGxlLnRlc3QwIBcNMjYxMTIyMDYwNDUwWhgP
MjEyNjEwMjkwNjA0NTBaMBwxGjAYBgNVBAMMEXNpZW0uZXhhbXBsZS50ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEz9LB2C1h7UzJQTyLHq1Hc93RfUH+1HhV
3p5T/+RpvelERZ0L7twK+GBw6UWHXIsb4DXnkyBtk2h1aXmO1L/cvqN3MHUwHQYD
VR0OBBYEFG1kA6V/7MiV84SSi9Un488IrFOBMB8GA1UdIwQYMBaAFG1kA6V/7MiV
84SSi9Un488IrFOBMA8GA1UdEwEB/wQFMAMBAf8wIgYDVR0RBBswGYIRc2llbS5l
eGFtcGxlLnRlc3SHBH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIgY2wCVe585sUOp0wu
jcckUSbSiSzapDkCxGkiBx55LugCIFIN+KzhSlWfIdKECfYKC3PcaPD17eo5Vn+h
jpB/Tp3W
-----END CERTIFICATE-----
`,
};

const Line = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) });

/** A receiver of pushed events, over TLS, that can be away. */
export interface Receiver {
  url: string;
  /** Ids of the events in the order in which they came, doubled ones too. */
  uids: string[];
  /** Headers of the last request. */
  headers: Record<string, unknown>;
  /** Requests, taken or not. */
  asked: number;
  /** Decides the answer of each request from its events: 200 until it is set. */
  answer(lines: number): number | 'hang up';
  /** Away: nothing listens. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  let server: Server | null = null;
  let port = 0;
  const receiver: Receiver = {
    url: '',
    uids: [],
    headers: {},
    asked: 0,
    answer: () => 200,
    async leave() {
      const leaving = server;
      server = null;
      leaving?.closeAllConnections();
      await new Promise<void>((resolve) => (leaving === null ? resolve() : leaving.close(() => resolve())));
    },
    async comeBack() {
      const listening = createServer(certificate, (request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (bytes: Buffer) => parts.push(bytes));
        request.on('end', () => {
          receiver.asked += 1;
          receiver.headers = request.headers;
          const lines = Buffer.concat(parts).toString('utf8').trimEnd().split('\n');
          const status = receiver.answer(lines.length);
          if (status === 200 || status === 'hang up') {
            receiver.uids.push(...lines.map((line) => Line.parse(JSON.parse(line)).metadata.uid));
          }
          if (status === 'hang up') return request.socket.destroy();
          response.writeHead(status, { location: '/elsewhere' }).end('what it says is of no use');
        });
      });
      await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
      port = (listening.address() as AddressInfo).port;
      receiver.url = `https://127.0.0.1:${port}/ingest`;
      server = listening;
    },
  };
  await receiver.comeBack();
  return receiver;
}
