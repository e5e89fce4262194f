import { expect, test } from "vitest";
import { z } from "zod";
import { scenarioJsonSchema } from "../../src/scenario/json-schema.ts";
import { catalogue } from "./example.ts";

interface JsonSchema {
  readonly type?: string;
  readonly const?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: object;
}

const schema = scenarioJsonSchema(catalogue) as JsonSchema;

test("only what has no default must be written", () => {
  expect(schema.required).toEqual(["name", "strategies", "jobs", "bots", "load"]);
  expect(schema.additionalProperties).toBe(false);
});

test("every key says what it is for", () => {
  const silent = Object.entries(schema.properties ?? {}).filter(([, part]) => !part.description);
  expect(silent).toEqual([]);
});

test("a fault line has one form per fault, with the times that this fault can have", () => {
  const forms = schema.properties?.["faults"]?.items?.oneOf ?? [];
  const keys = forms.map(({ properties = {} }) => [
    properties["fault"]?.const,
    Object.keys(properties),
  ]);
  const triggers = ["after", "when", "probability", "only"];
  const again = ["every", "jitter", ...triggers];
  const moments = ["at", "every", "jitter", "from", "to", ...triggers];
  expect(keys).toEqual([
    ["toxic", ["fault", "link", "type", "attributes", "from", "to", "for", ...again]],
    ["disconnect", ["fault", "link", ...moments]],
    ["kill-connection", ["fault", "state", "patience", ...moments]],
  ]);
  expect(forms.map(({ description }) => description)).toContain("terminates a backend");
});

test("durations are texts with units", () => {
  expect(schema.properties?.["deadlines"]?.properties?.["load"]).toMatchObject({
    type: "string",
    default: "60s",
    pattern: expect.stringContaining("(ms|s|m|h)"),
  });
  expect(schema.properties?.["jobs"]?.properties?.["work"]).toMatchObject({
    default: "0s",
    anyOf: [{ type: "string" }, expect.anything()],
  });
});

test("without any fault, no fault line is right", () => {
  const bare = scenarioJsonSchema({}) as JsonSchema;
  expect(bare.properties?.["faults"]?.items).toEqual({ not: {} });
});

test("a fault must not take a key that all faults have", () => {
  const greedy = {
    greedy: { summary: "takes from", moment: "instant", settings: z.object({ from: z.string() }) },
  } as const;
  expect(() => scenarioJsonSchema(greedy)).toThrow("fault greedy does not redefine from");
});
