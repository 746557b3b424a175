import { expectTypeOf, test } from 'vitest';
import type { AppView, NewKey, ShownKey, VirtualKeyView } from '../../control/apps/schemas.ts';
import type {
  Allowance,
  ConnectionChange,
  ConnectionView,
  ContractVersionView,
  NewConnection,
} from '../../control/connections/schemas.ts';
import type { Crossing, CrossingDetail as CrossingAnswer } from '../../control/crossings/schemas.ts';
import type {
  Exposure as ExposureAnswer,
  VendorRow as VendorAnswer,
} from '../../control/exposure/schemas.ts';
import type {
  App,
  Connection,
  ContractVersion,
  CrossingDetail,
  CrossingRow,
  Exposure,
  NewVirtualKey,
  VendorRow,
  VirtualKey,
} from './types.ts';

/**
 * Holds the console's shapes against what the control plane's own schemas say it answers. Checked by the compiler.
 * The API types field classes, treatments, shapes and kinds as plain strings where it reads them from storage;
 * the console names them more closely, so those are widened before comparing.
 */
type Widened<Type> = Type extends string
  ? string
  : Type extends readonly (infer Item)[]
    ? number extends Type['length']
      ? Widened<Item>[]
      : { [Index in keyof Type]: Widened<Type[Index]> }
    : Type extends object
      ? { [Name in keyof Type]: Widened<Type[Name]> }
      : Type;

/** What the API answers can be read as what the console expects. */
function reads<Answer, Expected>(): Widened<Answer> extends Widened<Expected> ? 'yes' : never {
  return 'yes' as Widened<Answer> extends Widened<Expected> ? 'yes' : never;
}

test('answers of the control plane are what the console reads', () => {
  expectTypeOf(reads<ConnectionView, Connection>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ContractVersionView, ContractVersion>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<AppView, App>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VirtualKeyView, VirtualKey>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ShownKey, NewVirtualKey>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<Crossing, CrossingRow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<CrossingAnswer, CrossingDetail>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<VendorAnswer, VendorRow>()).toEqualTypeOf<'yes'>();
  expectTypeOf(reads<ExposureAnswer, Exposure>()).toEqualTypeOf<'yes'>();
});

test('what the console writes is what the control plane takes', () => {
  expectTypeOf<{ state: 'open' | 'severed'; reason: string }>().toExtend<ConnectionChange>();
  expectTypeOf<{ name: string; origins: string[]; reason: string }>().toExtend<ConnectionChange>();
  expectTypeOf<{
    name: string;
    vendor: string;
    service: string;
    region: string;
    contract: 'recommended' | 'as_is';
    credential: string;
    placement: number;
    reason: string;
  }>().toExtend<NewConnection>();
  expectTypeOf<{
    kind: 'property';
    name: string;
    class: 'event.property';
    treatment: { do: 'pass' };
  }>().toExtend<Allowance>();
  expectTypeOf<{
    kind: 'publishable';
    connections: string[];
    classes: ['ingest'];
    origins: string[];
    perMinute: number;
  }>().toExtend<NewKey>();
});
