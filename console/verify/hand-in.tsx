import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  type DragEvent,
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { postFile, type Sending } from '../api/send-file.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { share } from '../design/format.ts';
import { Trouble } from '../design/state.tsx';
import { verify as words } from '../messages/pages/verify.ts';
import { useDraft } from '../shell/draft.ts';
import { type MessageType, MOST_BYTES, typeOfFile, typeOfText } from './form.ts';
import { messageQueries } from './queries.ts';
import { type Came, type Channel, channels, type MessageDetail } from './shapes.ts';

interface Given {
  bytes: Blob;
  type: MessageType;
  came: Came;
}

/** Sends one message, and goes to its answer. `trouble`: what is wrong with what was given, before anything was sent. */
function useHandingIn(channel: Channel, sender: string, onDone: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sending, setSending] = useState<Sending | null>(null);
  const [size, setSize] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  async function send({ bytes, type, came }: Given): Promise<void> {
    setError(null);
    setTrouble(null);
    if (bytes.size > MOST_BYTES) {
      setTrouble(words.tooLarge(bytes.size));
      return;
    }
    setSize(bytes.size);
    const query = new URLSearchParams({ channel, came });
    if (channel !== 'mail' && sender.trim() !== '') query.set('sender', sender.trim());
    const controller = new AbortController();
    stopping.current = controller;
    try {
      const made = await postFile<MessageDetail>(
        `/messages?${query}`,
        bytes,
        type,
        setSending,
        controller.signal,
      );
      client.setQueryData(messageQueries.message(made.id).queryKey, made);
      onDone();
      void client.invalidateQueries({ queryKey: ['/messages'] });
      await navigate({ to: '/messages/$message', params: { message: made.id } });
    } catch (failure) {
      if (!controller.signal.aborted)
        setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setSending(null);
    }
  }

  function sendFiles(files: readonly File[], onlyOne = false): void {
    const [file] = files;
    if (file === undefined) return;
    const type = typeOfFile(file);
    if (type === null) {
      setTrouble(words.notTaken(file.name));
      return;
    }
    void send({ bytes: file, type, came: type.startsWith('image/') ? 'screenshot' : 'upload' });
    if (onlyOne && files.length > 1) setTrouble(words.onlyOne);
  }

  return {
    send,
    sendFiles,
    sending,
    size,
    error,
    trouble,
    setTrouble,
    stop: () => stopping.current?.abort(),
  };
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;

/** One big place to paste or drop a message into. */
export function HandIn() {
  const [draft, change, forget] = useDraft<{ channel: Channel; text: string; sender: string }>(
    'verify.hand-in',
    {
      channel: 'mail',
      text: '',
      sender: '',
    },
  );
  const { channel, text, sender } = draft;
  const handing = useHandingIn(channel, sender, forget);
  const [isOver, setOver] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const isSending = handing.sending !== null;

  // Who comes here has it in the clipboard: it may be pasted wherever the focus is.
  const latest = useRef({ change, sendFiles: handing.sendFiles });
  latest.current = { change, sendFiles: handing.sendFiles };
  useEffect(() => {
    function onPaste(event: ClipboardEvent): void {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) {
        event.preventDefault();
        latest.current.sendFiles(files);
      } else if (!isField(event.target)) {
        const pasted = event.clipboardData?.getData('text/plain') ?? '';
        if (pasted === '') return;
        event.preventDefault();
        latest.current.change({ text: pasted });
        form.current?.querySelector('textarea')?.focus();
      }
    }
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, []);

  function check(): void {
    if (text.trim() === '') {
      handing.setTrouble(words.nothing);
      form.current?.querySelector('textarea')?.focus();
      return;
    }
    const type = channel === 'mail' ? typeOfText(text) : 'text/plain';
    // A head begins with its first line: what was caught before it is none of the mail.
    const whole = type === 'message/rfc822' ? text.trimStart() : text;
    void handing.send({ bytes: new Blob([whole]), type, came: 'paste' });
  }

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isSending) check();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isSending) check();
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (isSending) return;
    const files = [...event.dataTransfer.files];
    if (files.length > 0) handing.sendFiles(files, true);
    else change({ text: event.dataTransfer.getData('text/plain') });
  };

  return (
    <form
      ref={form}
      onSubmit={onSubmit}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className="flex max-w-[760px] flex-col gap-4"
    >
      <fieldset>
        <legend className="mb-2 font-strong">{words.channel}</legend>
        <div className="flex flex-wrap gap-2">
          {channels.map((one) => (
            <label
              key={one}
              className="flex min-h-9 items-center gap-2 rounded-md border border-line bg-panel px-3 has-checked:border-act has-checked:bg-act-wash"
            >
              <input
                type="radio"
                name="channel"
                checked={channel === one}
                onChange={() => change({ channel: one })}
              />
              {words.channels[one]}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="font-strong">
          {words.paste[channel]}
        </label>
        <textarea
          id={id}
          rows={9}
          spellCheck={false}
          autoComplete="off"
          className={`control w-full font-mono text-small ${isOver ? 'border-act bg-act-wash' : ''}`}
          value={text}
          aria-describedby={`${id}-hint${handing.trouble === null ? '' : ` ${id}-wrong`}`}
          aria-invalid={handing.trouble === null ? undefined : true}
          onChange={(event) => change({ text: event.target.value })}
          onKeyDown={onKeyDown}
        />
        {handing.trouble === null ? null : (
          <p id={`${id}-wrong`} role="alert" className="text-alert">
            {handing.trouble}
          </p>
        )}
        <p id={`${id}-hint`} className="text-small text-soft">
          {isOver ? words.dropHere : words.pasteHint[channel]}
        </p>
      </div>
      {channel === 'mail' ? null : (
        <TextField
          label={words.sender[channel]}
          maxLength={200}
          value={sender}
          onChange={(event) => change({ sender: event.target.value })}
        />
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" weight="main" disabled={isSending}>
          {words.check}
        </Button>
        <span className="text-small text-soft max-sm:hidden">{words.checkKeys}</span>
        <p role="status" className="text-soft">
          {handing.sending === null
            ? null
            : handing.sending.at === 'reading'
              ? words.judging
              : words.sending(share(Math.min(1, handing.sending.sent / Math.max(1, handing.size))))}
        </p>
        {isSending ? <Button onClick={handing.stop}>{words.stop}</Button> : null}
      </div>
      <label className="flex flex-col gap-1 text-small text-soft">
        <span className="font-strong text-ink">{words.file}</span>
        <input
          type="file"
          accept=".eml,.msg,.txt,.png,.jpg,.jpeg,.webp,message/rfc822,text/plain,image/png,image/jpeg,image/webp"
          disabled={isSending}
          onChange={(event) => {
            handing.sendFiles([...(event.target.files ?? [])]);
            // The same file may be chosen again after what was wrong was said.
            event.target.value = '';
          }}
        />
        {words.fileHint}
      </label>
      {handing.error === null ? null : <Trouble error={handing.error} />}
    </form>
  );
}
