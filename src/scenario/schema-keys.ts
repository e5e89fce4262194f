import type { z } from "zod";
import type { Path } from "./problem.ts";

/**
 * The keys that a schema allows in the mapping at `path` of `value`. The value matters where a schema has several
 * forms told apart by a key (`load`: the keys of its `kind`). Empty where the path leaves what can be followed.
 */
export function allowedKeys(schema: z.ZodType, value: unknown, path: Path): string[] {
  let node = unwrapped(schema as unknown as SchemaNode, value);
  let data = value;
  for (const segment of path) {
    const { shape, element } = node?._zod.def ?? {};
    data = (data as Record<PropertyKey, unknown> | undefined)?.[segment];
    node = unwrapped(shape?.[String(segment)] ?? element, data);
  }
  return Object.keys(node?._zod.def.shape ?? {});
}

/** The parts of zod's schema definitions that are followed here; `_zod.def` is its documented way to look inside. */
interface SchemaNode {
  readonly _zod: {
    readonly def: {
      readonly shape?: Readonly<Record<string, SchemaNode>>;
      readonly element?: SchemaNode;
      /** Of an optional or a default. */
      readonly innerType?: SchemaNode;
      /** Of a transformed schema: what is read before. */
      readonly in?: SchemaNode;
      readonly options?: readonly SchemaNode[];
      readonly discriminator?: string;
      /** Of a literal. */
      readonly values?: readonly unknown[];
    };
  };
}

function unwrapped(schema: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  let node = schema;
  for (;;) {
    const inner: SchemaNode | undefined =
      node?._zod.def.innerType ?? node?._zod.def.in ?? chosenForm(node, value);
    if (inner === undefined) return node;
    node = inner;
  }
}

function chosenForm(node: SchemaNode | undefined, value: unknown): SchemaNode | undefined {
  const { options, discriminator } = node?._zod.def ?? {};
  if (options === undefined) return undefined;
  // Of forms that no key tells apart, only a mapping has keys to name.
  if (discriminator === undefined) return options.find((form) => form._zod.def.shape !== undefined);
  const chosen = (value as Record<string, unknown> | undefined)?.[discriminator];
  return options.find((form) =>
    form._zod.def.shape?.[discriminator]?._zod.def.values?.includes(chosen),
  );
}
