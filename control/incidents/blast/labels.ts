import { fieldClasses } from '@drawbridge/protocol';

const labels: Readonly<Record<string, { label: string }>> = fieldClasses;

/** What a field class is called. */
export const labelOf = (fieldClass: string): string => labels[fieldClass]?.label ?? fieldClass;
