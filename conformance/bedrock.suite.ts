import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { header } from '@drawbridge/standins';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, it } from 'vitest';
import { type AiWorld, BEDROCK_KEYS, type Contract } from './ai-world.ts';
import { type Kept, type SdkCall, weatherSuite } from './weather.ts';
import { everythingIn, PSEUDONYM, reaching } from './world.ts';

const TEXT = 'What is a drawbridge? — “Zugbrücke” 🌉';
const modelId = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const messages = [{ role: 'user' as const, content: [{ text: TEXT }] }];
const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 10, messages });

/** The AWS SDK for Amazon Bedrock, unmodified, through the gateway, which signs for it. Everyone in it is made up. */
export function bedrockSuite(world: () => AiWorld, kept: Kept): void {
  const attempts: Record<Contract, number> = { asIs: 0, recommended: 0 };
  const client = (contract: Contract = 'recommended', more: object = {}) => {
    attempts[contract] = 0;
    const made = new BedrockRuntimeClient({
      region: 'eu-central-1',
      endpoint: world()[contract].bedrock.url,
      token: { token: world()[contract].key },
      authSchemePreference: ['httpBearerAuth'],
      requestHandler: new NodeHttpHandler(),
      ...more,
    });
    made.middlewareStack.add(
      (next) => (args) => {
        attempts[contract] += 1;
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    return made;
  };
  const vendor = (contract: Contract = 'recommended') => world()[contract].bedrock.vendor;

  const calls: SdkCall[] = [
    {
      name: 'Converse',
      ask: async (contract) => {
        const answer = await client(contract).send(new ConverseCommand({ modelId, messages }));
        return answer.output?.message?.content?.[0]?.text;
      },
      gets: `You said: ${TEXT}`,
    },
    {
      name: 'ConverseStream',
      ask: async (contract) => {
        const answer = await client(contract).send(new ConverseStreamCommand({ modelId, messages }));
        let text = '';
        for await (const event of answer.stream ?? []) text += event.contentBlockDelta?.delta?.text ?? '';
        return text;
      },
      gets: `You said: ${TEXT}`,
      streams: true,
    },
    {
      name: 'InvokeModel',
      ask: async (contract) => {
        const answer = await client(contract).send(new InvokeModelCommand({ modelId, body }));
        return JSON.parse(new TextDecoder().decode(answer.body)).content[0].text;
      },
      gets: `You said: ${TEXT}`,
    },
    {
      name: 'InvokeModelWithResponseStream',
      ask: async (contract) => {
        const command = new InvokeModelWithResponseStreamCommand({ modelId, body });
        let text = '';
        for await (const { chunk } of (await client(contract).send(command)).body ?? []) {
          text += JSON.parse(new TextDecoder().decode(chunk?.bytes)).delta.text;
        }
        return text;
      },
      gets: `You said: ${TEXT}`,
      streams: true,
    },
  ];
  weatherSuite(
    calls,
    {
      vendor,
      attempts: (contract) => attempts[contract],
      errorBody: (status) => JSON.stringify({ message: `made up ${status}` }),
      thrown: {
        badRequest: { message: 'made up 400', $metadata: { httpStatusCode: 400 } },
        serverError: { message: 'made up 500', $metadata: { httpStatusCode: 500 } },
      },
    },
    kept,
  );

  it('recommended: people hidden, the rest as the app sent it, signed by nobody but us', async () => {
    const requestMetadata = { user: 'anna.berger@example.com' };
    const [request] = await reaching(vendor(), () =>
      client().send(new ConverseCommand({ modelId, messages, requestMetadata })),
    );
    if (request === undefined) throw new Error('nothing reached the vendor');
    expect(vendor().calls.at(-1)).toEqual({
      messages,
      requestMetadata: { user: expect.stringMatching(PSEUDONYM) },
    });
    expect(header(request, 'authorization')).toMatch(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=${BEDROCK_KEYS.split(':')[0]}/\\d{8}/eu-central-1/bedrock/`),
    );
    const text = everythingIn([request]);
    for (const secret of ['anna.berger', world().recommended.key, BEDROCK_KEYS.split(':')[1] ?? '']) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/aws-sdk|x-forwarded|nodejs|linux/i);
  });

  it.each(['ConverseStream', 'InvokeModelWithResponseStream', 'Converse', 'InvokeModel'])(
    '%s: personal data stays here, and is back in the answer, over the messages of its stream',
    async (name) => {
      const said = 'Write to "anna.berger@example.com",\nor call +49 30 901820 🌉.';
      const asked = [{ role: 'user' as const, content: [{ text: said }] }];
      const made = client();
      const json = JSON.stringify({
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 10,
        messages: asked,
      });
      let text = '';
      if (name === 'ConverseStream') {
        const { stream } = await made.send(new ConverseStreamCommand({ modelId, messages: asked }));
        for await (const event of stream ?? []) text += event.contentBlockDelta?.delta?.text ?? '';
      } else if (name === 'Converse') {
        const { output } = await made.send(new ConverseCommand({ modelId, messages: asked }));
        text = output?.message?.content?.[0]?.text ?? '';
      } else if (name === 'InvokeModel') {
        const { body: answer } = await made.send(new InvokeModelCommand({ modelId, body: json }));
        text = JSON.parse(new TextDecoder().decode(answer)).content[0].text;
      } else {
        const command = new InvokeModelWithResponseStreamCommand({ modelId, body: json });
        for await (const { chunk } of (await made.send(command)).body ?? [])
          text += JSON.parse(new TextDecoder().decode(chunk?.bytes)).delta.text;
      }
      expect(text).toBe(`You said: ${said}`);
      expect(JSON.stringify(vendor().calls.at(-1))).toMatch(/\[\[EMAIL_\w{10}\]\].*\[\[PHONE_\w{10}\]\]/);
      expect(JSON.stringify(vendor().calls.at(-1))).not.toMatch(/anna|901820/);
    },
  );

  it('an app that signs is told to send its key as a bearer, after one attempt', async () => {
    const signs = client('recommended', {
      token: undefined,
      authSchemePreference: ['sigv4'],
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: world().recommended.key },
    });
    const reached = await reaching(vendor(), () =>
      expect(signs.send(new ConverseCommand({ modelId, messages }))).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('AWS_BEARER_TOKEN_BEDROCK'),
      }),
    );
    expect([attempts.recommended, reached]).toEqual([1, []]);
  });
}
