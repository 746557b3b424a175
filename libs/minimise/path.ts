import { FieldMapError } from './error.ts';

/** One step of a rule's path: a member's name, any member, every element, or anything below. */
export type Step = { take: 'name'; name: string } | { take: 'any' } | { take: 'each' } | { take: 'rest' };

const MOST_STEPS = 32;

/**
 * `messages[*].content`, `properties.$email`, `$set.*`, `metadata.**`. A leading `$` alone, or `$` before `[*]`, is
 * where the path starts from. Throws FieldMapError `bad_path`.
 */
export function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  const parts = path.split('.');
  for (const [index, part] of parts.entries()) {
    let name = part;
    let elements = 0;
    while (name.endsWith('[*]')) {
      name = name.slice(0, -3);
      elements++;
    }
    if (name === '' && !(index === 0 && elements > 0)) throw bad(path, 'has an empty step');
    if (name === '**') {
      if (index !== parts.length - 1 || elements > 0) throw bad(path, '`**` may only be the last step');
      steps.push({ take: 'rest' });
    } else if (name === '*') steps.push({ take: 'any' });
    else if (name !== '' && !(index === 0 && name === '$')) steps.push({ take: 'name', name });
    for (let each = 0; each < elements; each++) steps.push({ take: 'each' });
  }
  if (steps.length > MOST_STEPS) throw bad(path, `has more than ${MOST_STEPS} steps`);
  return steps;
}

/** Whether a path begins at the body's root (`$.api_key`), and so may name what stands beside the records. */
export function isFromRoot(path: string): boolean {
  return path.startsWith('$.');
}

function bad(path: string, what: string): FieldMapError {
  return new FieldMapError('bad_path', path, what);
}
