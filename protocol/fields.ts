import { z } from 'zod';
import { type FieldClass, fieldClasses, shapes, treatmentNames } from './vocabulary.ts';

export { type FieldClass, fieldClasses, shapes, treatmentNames };

const names = Object.keys(fieldClasses) as [FieldClass, ...FieldClass[]];
export const FieldClassSchema = z.enum(names);
export const TreatmentNameSchema = z.enum(treatmentNames);
export const ShapeSchema = z.enum(shapes);
