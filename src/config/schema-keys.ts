/** The keys the schema knows at a path, for "did you mean". Pure; walks objects, lists and what wraps them. */
import type { z } from 'zod';
import type { KeyPath } from './source-text.ts';

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  /** What a transformed value is read as. */
  readonly in?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly items?: readonly z.core.$ZodType[];
}

/** Empty where the schema is no group of keys. */
export function schemaKeys(schema: z.core.$ZodType, path: KeyPath): readonly string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const definition: Definition | undefined = unwrap(current);
    current = typeof step === 'number' ? (definition?.element ?? definition?.items?.[step]) : definition?.shape?.[step];
  }
  return Object.keys(unwrap(current)?.shape ?? {});
}

function unwrap(schema: z.core.$ZodType | undefined): Definition | undefined {
  let definition = schema?._zod.def as Definition | undefined;
  for (let inner = definition?.innerType ?? definition?.in; inner; inner = definition?.innerType ?? definition?.in) {
    definition = inner._zod.def as unknown as Definition;
  }
  return definition;
}
