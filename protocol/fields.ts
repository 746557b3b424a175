import { z } from 'zod';
import {
  type FieldClass,
  fieldClasses,
  foundClasses,
  freeTextClasses,
  shapes,
  treatmentNames,
} from './vocabulary.ts';

export { type FieldClass, fieldClasses, foundClasses, freeTextClasses, shapes, treatmentNames };

const names = Object.keys(fieldClasses) as [FieldClass, ...FieldClass[]];
export const FieldClassSchema = z.enum(names, {
  error: ({ input }) => {
    const family = typeof input === 'string' ? `${input.split('.')[0]}.` : '';
    const near = names.filter((name) => name.startsWith(family) && family !== '');
    return `is no field class; write ${near.length === 0 ? 'one of protocol/vocabulary.ts, such as person.email' : near.join(', ')}`;
  },
});
export const TreatmentNameSchema = z.enum(treatmentNames);
export const ShapeSchema = z.enum(shapes);
