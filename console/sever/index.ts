export { SeverDialog } from './dialog.tsx';
export { SeveredNotes } from './notes.tsx';
export { ReopenButton, SeveranceParts } from './parts.tsx';
export { SeverSheet } from './sheet.tsx';
export { titleOf, whatOf } from './title.ts';
