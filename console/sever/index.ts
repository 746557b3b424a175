export { SeverDialog } from './dialog.tsx';
export { SeveredNotes } from './notes.tsx';
