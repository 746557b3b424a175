/** Events that were made to cost a gateway time: each of `size` bytes at most, or as many as its form takes. */
export function hostileEvents(size: number): { name: string; event: string }[] {
  const fill = (piece: string, before = '', after = ''): string =>
    before + piece.repeat(Math.floor((size - before.length - after.length) / piece.length)) + after;
  const data = (json: string): string => `data: ${json}\n\n`;
  const inside = size - 16;
  const json = (piece: string, before: string, after: string): string =>
    data(before + piece.repeat(Math.floor((inside - before.length - after.length) / piece.length)) + after);
  const delta = (piece: string): string =>
    json(piece, '{"choices":[{"index":0,"delta":{"content":"', '"}}]}');
  const choice = '{"index":0,"delta":{"content":"[[PERSON_"}},';
  return [
    { name: 'lines of comments', event: fill(':\n', '', '\n') },
    { name: 'lines of data', event: fill('data:\n', '', '\n') },
    { name: 'lines of data, JSON between them', event: fill('data: 1,\n', 'data: [\n', 'data: 1]\n\n') },
    { name: 'numbers', event: json('1,', '[', '1]') },
    { name: 'empty objects', event: json('{},', '{"a":[', '{}]}') },
    { name: 'deltas of one text', event: json(choice, '{"choices":[', `${choice.slice(0, -1)}]}`) },
    { name: 'deep lists', event: json('[', '', '') },
    { name: 'deep objects', event: json('{"a":', '', '1') },
    { name: 'short strings', event: json('"aaaaaaaaa",', '[', '"a"]') },
    { name: 'short strings without an end', event: json('"aaaaaaaaa",', '{', '') },
    { name: 'no JSON', event: data('key=Zx8Vb7Gh2kLp9Qw3NmT4rS '.repeat(Math.floor(inside / 27))) },
    { name: 'a text of what may be tokens', event: delta('PERSON_00000000') },
    { name: 'a text of brackets', event: delta('[') },
    { name: 'a text of escapes', event: delta('\\n') },
    { name: 'a text of JSON that goes deeper', event: delta('{\\"a\\":\\"') },
    { name: 'a text of quotes', event: delta('\\"') },
    { name: 'a text of keys', event: delta('key=Zx8Vb7Gh2kLp9Qw3NmT4rS ') },
    { name: 'a text of prefixes', event: delta('sk-') },
    { name: 'a text of tokens', event: delta('[[PERSON_7Q2K9XWM10]]') },
    { name: 'an image', event: json('QUJDREVG', '{"type":"image","b64_json":"', '"}') },
    { name: 'an image of what may be tokens', event: json('PERSON_00000000', '{"b64_json":"', '"}') },
  ];
}
