import { attributeProblem, initialAttributes } from "../attributes.ts";
import type { Attributes, AttributeValue } from "../attributes.ts";
import type { Direction } from "../direction.ts";
import { Toxic } from "../toxic.ts";
import type { ToxicType } from "../toxic-type.ts";
import { toxicTypes } from "../toxics/registry.ts";
import { fieldsOf } from "./fields.ts";
import { ApiError, apiErrors } from "./reply.ts";

/** A toxic from the body that creates it. The checks come in Toxiproxy's order, which decides the error that is told. */
export function newToxic(body: unknown, isTaken: (name: string) => boolean): Toxic {
  const fields = fieldsOf(body, "Toxic");
  const streamText = fields.text("stream") ?? "downstream";
  const typeName = fields.text("type") ?? "";
  const name = fields.text("name") ?? "";
  const toxicity = fields.fraction("toxicity") ?? 1;
  const given = fields.object("attributes") ?? {};
  const stream = parseStream(streamText);
  const type = toxicTypes.get(typeName);
  if (type === undefined) throw apiErrors.invalidToxicType();
  const ownName = name === "" ? `${typeName}_${streamText}` : name;
  if (isTaken(ownName)) throw apiErrors.toxicExists();
  const attributes = mergedAttributes(type, initialAttributes(type.attributes), given);
  return new Toxic({ name: ownName, type, stream, streamText, toxicity, attributes });
}

/** All of the update or, on any error, none of it. */
export function updateToxic(toxic: Toxic, body: unknown): void {
  const fields = fieldsOf(body, "Toxic");
  const toxicity = fields.fraction("toxicity") ?? toxic.toxicity;
  const given = fields.object("attributes") ?? {};
  toxic.update(toxicity, mergedAttributes(toxic.type, toxic.attributes, given));
}

function parseStream(text: string): Direction {
  const stream = text.toLowerCase();
  if (stream === "upstream" || stream === "downstream") return stream;
  throw apiErrors.invalidStream();
}

function mergedAttributes(
  type: ToxicType,
  base: Attributes,
  given: Readonly<Record<string, unknown>>,
): Attributes {
  const values = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const merged: Record<string, AttributeValue> = { ...base };
  for (const spec of type.attributes) {
    const value = values.get(spec.name.toLowerCase()) ?? null;
    if (value === null) continue;
    const problem = attributeProblem(spec, value);
    if (problem !== undefined) throw apiErrors.badBody(problem);
    merged[spec.name] = value as AttributeValue;
  }
  const problem = type.problem?.(merged);
  if (problem !== undefined) throw new ApiError(400, problem);
  return merged;
}
