import type { ReceivedRequest } from './received.ts';
import type { FormFile } from './reply.ts';

type Json = Record<string, unknown>;

/** A file that was uploaded, with the other parts of its form. */
export interface KeptFile extends FormFile {
  id: string;
  parts: Json;
}

/** Files as AI vendors keep them: uploaded in a form's part `file`, listed, shown, read and deleted below `/v1/files`. */
export class Files {
  readonly #files = new Map<string, KeptFile>();
  readonly #shown: (file: KeptFile) => Json;

  /** `shown`: a file as this vendor describes it. */
  constructor(shown: (file: KeptFile) => Json) {
    this.#shown = shown;
  }

  add(file: KeptFile): void {
    this.#files.set(file.id, file);
  }

  get(id: string): KeptFile | undefined {
    return this.#files.get(id);
  }

  /** What is answered: a description, or a file's content. Null where there is nothing to be found. */
  answer(
    request: ReceivedRequest,
    form: Json,
    id: string,
  ): { json: Json; content?: undefined } | { content: string } | null {
    const [name, content] = request.path.split('/').slice(3);
    if (name === undefined) {
      if (request.method === 'GET') {
        return {
          json: { object: 'list', data: [...this.#files.values()].map(this.#shown), has_more: false },
        };
      }
      const { file, ...parts } = form;
      if (!isFile(file)) return null;
      const kept: KeptFile = { ...file, id: `file-${id}`, parts };
      this.add(kept);
      return { json: this.#shown(kept) };
    }
    const file = this.#files.get(name);
    if (file === undefined) return null;
    if (content === 'content') return { content: file.text };
    if (request.method === 'GET') return { json: this.#shown(file) };
    this.#files.delete(name);
    return { json: { id: name, object: 'file', type: 'file_deleted', deleted: true } };
  }
}

function isFile(value: unknown): value is FormFile {
  return typeof value === 'object' && value !== null && 'name' in value && 'text' in value;
}
