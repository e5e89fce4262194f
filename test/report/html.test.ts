import { describe, expect, test } from "vitest";

import { html } from "../../src/report/html.ts";
import { markup } from "../../src/report/html/markup.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult, samples } from "./golden.ts";
import { poisoned } from "./poisoned.ts";

describe("the markup tag", () => {
  test("escapes what is not made by itself", () => {
    expect(markup`<p title="${`"'`}">${"<&>"}</p>`.toString()).toBe(
      '<p title="&quot;&#39;">&lt;&amp;&gt;</p>',
    );
  });

  test("nests what is made by itself, and lists of it", () => {
    const items = ["a", "b"].map((item) => markup`<li>${item}</li>`);
    expect(markup`<ul>${items}</ul>`.toString()).toBe("<ul><li>a</li>\n<li>b</li></ul>");
  });

  test("writes nothing for what is absent", () => {
    expect(markup`${undefined}${null}${false}${0}`.toString()).toBe("0");
  });

  test("neither shows nor obeys control and bidirectional characters", () => {
    expect(markup`${"a\u0000b\u202ec"}`.toString()).toBe("a�b�c");
  });
});

describe("report.html", () => {
  test("escapes whatever comes from a scenario, a strategy or a database", () => {
    for (const sample of samples) {
      const text = page(poisoned(sampleResult(sample)));
      expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
      expect(text).not.toMatch(/<\/?script/i);
      expect(text).not.toMatch(/<img/i);
    }
  });

  test.each(samples)("of the sample %s loads nothing and runs nothing", (sample) => {
    const text = page(sampleResult(sample));
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/<(script|link|img|iframe|object|embed)\b/i);
    expect(text).not.toMatch(/\b(src|href)="(?!#)/);
    expect(text).not.toMatch(/url\(|@import/);
  });

  test("puts the evidence first where a subject failed, the numbers where none did", () => {
    const order = (text: string): number =>
      text.indexOf('<h2 id="checks">') - text.indexOf('<h2 id="over-time">');
    expect(order(page(sampleResult("violated")))).toBeLessThan(0);
    expect(order(page(sampleResult("passed")))).toBeGreaterThan(0);
  });

  test("leaves out a section that has nothing to show", () => {
    const result = sampleResult("passed");
    const strategies = result.strategies.map((strategy) =>
      Object.assign(strategy, { timeline: [], distribution: [], faults: [] }),
    );
    const text = page({ ...result, strategies });
    expect(text).not.toContain('id="over-time"');
    expect(text).not.toContain('id="latency"');
    expect(text).not.toContain('id="faults"');
  });

  test("marks the second grant in the drawing of a duplicate", () => {
    const text = page(sampleResult("violated"));
    expect(text).toContain("claim ok, job 3, attempt 1 (granted again)");
    expect(text).toContain('class="second-grant"');
  });
});

function page(result: RunResult): string {
  return html.render(result)["report.html"] ?? "";
}
