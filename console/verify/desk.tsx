import { DeskActs } from './desk-acts.tsx';
import { Evidence } from './desk-evidence.tsx';
import { Kept } from './desk-kept.tsx';
import { OwnRecords } from './desk-records.tsx';
import type { MessageDetail } from './shapes.ts';

/** All that an answer rests on, and what can be done about the message. */
export function Desk({ message }: { message: MessageDetail }) {
  return (
    <>
      <DeskActs message={message} />
      <Evidence message={message} />
      <OwnRecords message={message} />
      <Kept message={message} />
    </>
  );
}
