import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstJsonValue } from "../../../src/proxy/api/json-body.ts";

describe("firstJsonValue", () => {
  it.each([
    ['{"a":1} trailing', '{"a":1}'],
    [" [1,[2]]]", "[1,[2]]"],
    ['{"a":"}"}{', '{"a":"}"}'],
    ['"a\\"b" c', '"a\\"b"'],
    ["12 13", "12"],
    ["null{}", "null"],
    ["", ""],
    [" \n ", ""],
    ["}", "}"],
  ])("of %j is %j", (text, expected) => {
    expect(firstJsonValue(text)).toBe(expected);
  });

  it("finds any value, whatever follows it", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("", " ", "\n{", " nonsense", ' "x'), (json, rest) => {
        expect(JSON.parse(firstJsonValue(json + rest))).toEqual(JSON.parse(json));
      }),
    );
  });
});
