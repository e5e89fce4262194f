import { describe, expect, it } from "vitest";
import { asDeclared } from "../../src/explore/as-declared.ts";
import type { Exploration } from "../../src/explore/explore-strategy.ts";

const everything = [{ kind: "every-interleaving" }] as const;
const safe = { name: "queue", verdict: "safe", breaks: [] } as const;
const unsafe = { name: "queue", verdict: "unsafe", breaks: ["single-grant"] } as const;

/** What an exploration came to. */
function explored(
  verdict: Exploration["verdict"],
  broken: readonly string[] = [],
  guarantees: Exploration["guarantees"] = everything,
): Exploration {
  const properties = broken.map((property) => ({
    property,
    verdict: "violated",
    judgedIn: 2,
    brokenIn: 1,
  }));
  return { verdict, reason: "why", properties, guarantees } as unknown as Exploration;
}

describe("what a strategy says of itself", () => {
  it.each([
    ["safe and not broken", safe, explored("passed"), "borne out"],
    ["safe and broken", safe, explored("violated", ["single-grant"]), "contradicted"],
    ["safe and not judged", safe, explored("inconclusive"), "not shown"],
    ["unsafe and broken as it says", unsafe, explored("violated", ["single-grant"]), "borne out"],
    ["unsafe and broken otherwise", unsafe, explored("violated", ["nothing-lost"]), "contradicted"],
    ["unsafe and not broken by any order", unsafe, explored("passed"), "contradicted"],
    [
      "unsafe and not broken by some orders",
      unsafe,
      explored("passed", [], [{ kind: "preemptions", most: 1 }]),
      "not shown",
    ],
    [
      "known to be broken by no order of statements",
      { ...unsafe, name: "in-limit" },
      explored("passed"),
      "borne out",
    ],
    ["unsafe and not judged", unsafe, explored("inconclusive"), "not shown"],
  ] as const)("%s", (_name, declared, exploration, kind) => {
    expect(asDeclared(exploration, declared).kind).toBe(kind);
  });
});
