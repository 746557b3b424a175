/** Made-up answers in the vendor's shapes. Pure: ids are handed in. */

type Json = Record<string, unknown>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a turn: of its parts, those with a function's answer included. */
function textOf(content: unknown): string {
  const parts = isJson(content) && Array.isArray(content.parts) ? content.parts.filter(isJson) : [];
  return parts
    .map((part) => {
      if (typeof part.text === 'string') return part.text;
      return isJson(part.functionResponse) ? JSON.stringify(part.functionResponse.response) : '';
    })
    .join('');
}

const turnsOf = (request: Json): unknown[] => (Array.isArray(request.contents) ? request.contents : []);

/** Roughly the vendor's token count; good enough for figures that only need to be steady. */
export function countOf(request: Json): number {
  return Math.ceil(turnsOf(request).map(textOf).join('').length / 4);
}

/** The first function that is declared, called with example arguments, unless the last turn holds its answer. */
function calledFunction(request: Json): Json | null {
  const tools = Array.isArray(request.tools) ? request.tools.filter(isJson) : [];
  const declared = tools.flatMap((tool): unknown[] =>
    Array.isArray(tool.functionDeclarations) ? tool.functionDeclarations : [],
  );
  const first = declared.find(isJson);
  const last = turnsOf(request).at(-1);
  const parts: unknown[] = isJson(last) && Array.isArray(last.parts) ? last.parts : [];
  if (first === undefined || parts.some((part) => isJson(part) && part.functionResponse !== undefined))
    return null;
  const schema = first.parametersJsonSchema ?? first.parameters;
  const properties = isJson(schema) && isJson(schema.properties) ? schema.properties : {};
  const args = Object.entries(properties).map(([name, inner]) => {
    const type = isJson(inner) && typeof inner.type === 'string' ? inner.type.toLowerCase() : 'string';
    return [name, type === 'integer' || type === 'number' ? 42 : 'example'];
  });
  return { name: first.name, args: Object.fromEntries(args) };
}

function responseOf(parts: Json[], model: string, id: string, usage: Json | null): Json {
  const candidate = { content: { role: 'model', parts }, index: 0 };
  return {
    candidates: [usage === null ? candidate : { ...candidate, finishReason: 'STOP' }],
    ...(usage === null ? {} : { usageMetadata: usage }),
    modelVersion: model,
    responseId: id,
  };
}

function usageOf(request: Json, said: string): Json {
  const [input, output] = [countOf(request), Math.ceil(said.length / 4)];
  return { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output };
}

/** The answer in one piece: a function call, or an echo of the last turn. */
export function generated(request: Json, model: string, id: string): Json {
  const call = calledFunction(request);
  const said = call === null ? `You said: ${textOf(turnsOf(request).at(-1))}` : JSON.stringify(call);
  const part = call === null ? { text: said } : { functionCall: call };
  return responseOf([part], model, id, usageOf(request, said));
}

/** The same in pieces; only the last one has a reason to stop. */
export function generatedPieces(request: Json, model: string, id: string): Json[] {
  const call = calledFunction(request);
  if (call !== null) return [generated(request, model, id)];
  const said = `You said: ${textOf(turnsOf(request).at(-1))}`;
  const characters = [...said];
  const out: Json[] = [];
  for (let at = 0; at < characters.length; at += 5) {
    const isLast = at + 5 >= characters.length;
    const text = characters.slice(at, at + 5).join('');
    out.push(responseOf([{ text }], model, id, isLast ? usageOf(request, said) : null));
  }
  return out;
}

/** Eight numbers that depend on the text alone. */
export function embeddingOf(request: unknown): Json {
  const text = isJson(request) ? textOf(request.content) : '';
  const values = Array.from({ length: 8 }, (_, index) => {
    let sum = index + 1;
    for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 1009;
    return sum / 1009;
  });
  return { values };
}
