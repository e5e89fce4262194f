import { describe, expect, test } from "vitest";

import { code, codeBlock, escaped } from "../../src/report/markdown/escape.ts";
import { markdown } from "../../src/report/markdown.ts";
import type { CheckResult } from "../../src/report/result.ts";
import { sampleResult } from "./golden.ts";

const attack = "</script><script>alert(1)</script>";

describe("foreign text in Markdown", () => {
  test("is no markup, no HTML, no cell border, no new line and no mention", () => {
    expect(escaped("a | b\n**c** <script> `d` [e](f) @somebody")).toBe(
      String.raw`a \| b \*\*c\*\* &lt;script&gt; \`d\` \[e\](f) @<!-- -->somebody`,
    );
  });

  test("as code keeps its backticks inside", () => {
    expect(code("x")).toBe("`x`");
    expect(code("a ``b`` c")).toBe("``` a ``b`` c ```");
    expect(codeBlock("```\nx", "sh")).toBe("````sh\n```\nx\n````");
  });

  test("of a strategy, a note and a headline is escaped in the page", () => {
    const result = sampleResult("violated");
    const [first, ...rest] = result.strategies;
    const hostile = {
      ...result,
      headline: attack,
      warnings: [attack],
      strategies: [{ ...first!, name: attack, checks: [hostileCheck(first!.checks[0]!)] }, ...rest],
    };
    expect(markdown.render(hostile)["summary.md"]).not.toContain("<script>");
  });
});

function hostileCheck(check: CheckResult): CheckResult {
  return { ...check, verdict: "inconclusive", name: attack, property: attack, note: attack };
}
