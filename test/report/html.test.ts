import { describe, expect, test } from "vitest";

import { html } from "../../src/report/html.ts";
import { markup } from "../../src/report/html/markup.ts";
import { dataBlock, script, scriptHash } from "../../src/report/html/script.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult, samples } from "./golden.ts";
import { matrix } from "./matrix.ts";
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
      const text = withoutOurScripts(page(poisoned(sampleResult(sample))));
      expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
      expect(text).not.toMatch(/<\/?script/i);
      expect(text).not.toMatch(/<img/i);
    }
  });

  test.each(samples)(
    "of the sample %s loads nothing, and runs nothing but our script",
    (sample) => {
      const whole = page(sampleResult(sample));
      expect(whole.match(/script-src [^;]*/g)).toEqual([`script-src '${scriptHash}'`]);
      const text = withoutOurScripts(whole);
      expect(text).toContain("default-src 'none'");
      expect(text).not.toMatch(/<(script|link|img|iframe|object|embed)\b/i);
      expect(text).not.toMatch(/\b(src|href)="(?!#)/);
      expect(text).not.toMatch(/url\(|@import/);
    },
  );

  test("has no script that fetches, evaluates or writes markup", () => {
    expect(script).not.toMatch(
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(/,
    );
    expect(script).not.toMatch(/fetch|XMLHttp|WebSocket|import\(|\.src\b|\.href\b|location/);
    expect(script).not.toContain("</script");
  });

  test("embeds data that cannot end its own element", () => {
    const block = String(dataBlock("x", { text: "</script><script>alert(1)</script>" }));
    expect(block.match(/<\/?script/g)).toEqual(["<script", "</script"]);
    const [, json = ""] = />(.*)<\/script>/s.exec(block) ?? [];
    expect(JSON.parse(json)).toEqual({ text: "</script><script>alert(1)</script>" });
  });

  test("shows the SQL of the steps, who ran them when, and what was committed meanwhile", () => {
    const text = page(sampleResult("violated"));
    expect(text).toContain("The SQL of a claim: 3 steps, each step commits on its own");
    expect(text).toContain("in one transaction, read committed");
    expect(text).toContain("<td>find → mark → assign</td>");
    expect(text).toContain('class="commit"');
    expect(text).toMatch(/<td>1\.71 ms: job 3 claimed, bot 12, attempt 1<\/td>/);
  });

  test("lists the jobs of the evidence for a reader without scripts", () => {
    const text = page(sampleResult("violated"));
    expect(text).toMatch(/<th scope="row">job 3<\/th>.*claim ok by bot 12/s);
  });

  test("shows what the server did, and says why where it is not known", () => {
    const known = page(sampleResult("passed"));
    expect(known).toContain("Lock:transactionid 52 %");
    expect(known).toContain("most dead rows");
    expect(known).toContain("12 (40001: 3, LOST-RACE: 9)");
    expect(known).toContain("better (margin 5 %)");
    expect(known).toContain("skip-locked against itself");
    expect(known).not.toContain("Not in this run");
    const old = page(sampleResult("inconclusive"));
    expect(old).toContain("nobody looked at what the server's backends were waiting for");
    expect(old).toContain("the size of the jobs table was not sampled");
    expect(old).toContain("not measured");
  });

  test("warns of a load generator that was the bottleneck, and of rounds left out", () => {
    const result = sampleResult("passed");
    const generator = { eventLoopDelayMsP99: 40, cpuShare: 1, isBottleneck: true };
    const discardedRounds = [{ round: 3, strategy: "naive", canary: "spin", deviations: 6.2 }];
    const text = page({ ...result, generator, discardedRounds });
    expect(text).toContain("The load generator itself was what limited the numbers");
    expect(text).toContain("Round 3 of the run (naive) is left out of comparisons");
  });

  test("of thirty strategies has a line each, a matrix of the checks, and folds what passed", () => {
    const text = page(matrix(30));
    expect(text).toContain('<table class="matrix">');
    expect(text.match(/<tr data-strategy=/g)).toHaveLength(30);
    expect(text).toContain("24 more strategies over time");
    expect(text.match(/<details data-strategy=/g)?.length).toBeGreaterThan(20);
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

/** The page without the two elements that are ours; what else is a script came from outside. */
function withoutOurScripts(text: string): string {
  const data = /<script type="application\/json" id="job-stories">[^<]*<\/script>/;
  return text.replace(`<script>${script}</script>`, "").replace(data, "");
}
