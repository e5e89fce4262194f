import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serve } from "./served.ts";

describe("the service over HTTP", () => {
  it("takes jobs, grants them, and settles them: the whole life of one", async () => {
    await using served = await serve();
    expect(await served.send("POST", "/jobs", { count: 2 })).toMatchObject({
      status: 201,
      body: { ids: [1, 2] },
    });
    const granted = await served.send("POST", "/claims", { bot: 5 });
    expect(granted).toMatchObject({
      status: 200,
      body: { claims: [{ id: "1-1", job: 1, attempt: 1 }] },
    });
    expect(await served.send("POST", "/claims/1-1/start", { bot: 5 })).toMatchObject({
      status: 200,
      body: { a: 1, b: 7 },
    });
    expect(await served.send("GET", "/bots/5/claims")).toMatchObject({
      body: { claims: [{ id: "1-1", status: "processing", a: 1, b: 7 }] },
    });
    expect(await served.send("POST", "/claims/1-1/heartbeat", { bot: 5 })).toMatchObject({
      status: 204,
    });
    const done = await served.send("POST", "/claims/1-1/complete", { bot: 5, result: 8 });
    expect(done.status).toBe(204);
    const [job] = await served.control.query("SELECT status, result FROM jobs WHERE id = 1");
    expect(job).toEqual({ status: "succeeded", result: 8 });
  });

  it("refuses whoever does not hold the claim, and leaves the holder what it holds", async () => {
    await using served = await serve();
    await served.send("POST", "/jobs", {});
    await served.send("POST", "/claims", { bot: 1 });
    for (const path of ["1-9/complete", "1-9/start", "1-9/heartbeat", "2-1/complete"]) {
      const body = path.endsWith("complete") ? { bot: 1, result: 0 } : { bot: 1 };
      expect({ path, reply: await served.send("POST", `/claims/${path}`, body) }).toMatchObject({
        reply: {
          status: 410,
          type: "application/problem+json",
          body: { type: "urn:doubletake:problem:claim-lost" },
        },
      });
    }
    const [bot] = await served.control.query(
      "SELECT current_job_id::int AS job FROM bots WHERE id = 1",
    );
    expect(bot).toEqual({ job: 1 });
  });

  it("tells that nothing is free, and what became of a failed job", async () => {
    await using served = await serve();
    expect(await served.send("POST", "/claims", { bot: 1 })).toMatchObject({ status: 204 });
    await served.send("POST", "/jobs", { maxAttempts: 1, type: "mail", priority: 3 });
    expect(await served.send("POST", "/claims", { bot: 1 })).toMatchObject({ status: 200 });
    const failed = await served.send("POST", "/claims/1-1/fail", { bot: 1, error: "<script>" });
    expect(failed).toMatchObject({ status: 200, body: { status: "dead" } });
    expect(await served.send("GET", "/dead-letters")).toMatchObject({
      body: { jobs: [{ job: 1, attempt: 1, type: "mail", error: "<script>" }] },
    });
    expect(await served.send("POST", "/dead-letters/redrive", {})).toMatchObject({
      body: { ids: [1] },
    });
    expect(await served.send("POST", "/claims", { bot: 2 })).toMatchObject({ status: 200 });
  });

  it("takes an expired claim from its holder when asked to rescue", async () => {
    await using served = await serve({ leaseMs: 1 });
    await served.send("POST", "/jobs", {});
    await served.send("POST", "/claims", { bot: 1 });
    await served.control.query("UPDATE jobs SET lease_until = clock_timestamp() - interval '1 s'");
    expect(await served.send("POST", "/rescues")).toMatchObject({
      status: 200,
      body: { rescued: [{ job: 1, attempt: 1, bot: 1 }] },
    });
  });

  it.each([
    ["a wrong type", "/claims", { bot: "x" }, { where: "bot" }],
    ["an unknown key", "/claims", { bot: 1, wish: 2 }, { where: "body" }],
    ["nothing", "/jobs", { count: 0 }, { where: "count" }],
    ["a claim that is none", "/claims/x-1/start", { bot: 1 }, { where: "claim" }],
    ["a claim without its fence", "/claims/1/start", { bot: 1 }, { where: "claim" }],
  ])("refuses %s and says where", async (_what, path, body, error) => {
    await using served = await serve();
    const reply = await served.send("POST", path, body);
    expect(reply).toMatchObject({ status: 400, type: "application/problem+json" });
    expect(reply.body["errors"]).toEqual([expect.objectContaining(error)]);
  });

  it("answers malformed, huge and misaddressed requests with a problem, and goes on", async () => {
    await using served = await serve();
    const raw = (path: string, init: RequestInit) => fetch(`${served.url}${path}`, init);
    const json = { "content-type": "application/json" };
    expect((await raw("/jobs", { method: "POST", headers: json, body: "{" })).status).toBe(400);
    expect((await raw("/jobs", { method: "POST", body: "{}" })).status).toBe(415);
    const huge = JSON.stringify({ type: "x".repeat(2_000_000) });
    expect((await raw("/jobs", { method: "POST", headers: json, body: huge })).status).toBe(413);
    expect((await raw("/no/where", {})).status).toBe(404);
    const wrongMethod = await raw("/jobs", { method: "DELETE" });
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await served.send("GET", "/health")).toMatchObject({
      status: 200,
      body: { status: "ok" },
    });
  });

  it("describes each of its routes in an OpenAPI document", async () => {
    await using served = await serve();
    const { body } = await served.send("GET", "/openapi.json");
    const document = z
      .object({
        openapi: z.literal("3.1.0"),
        paths: z.record(
          z.string(),
          z.record(
            z.string(),
            z.object({ summary: z.string(), responses: z.record(z.string(), z.unknown()) }),
          ),
        ),
      })
      .parse(body);
    expect(Object.keys(document.paths).toSorted()).toEqual([
      "/bots/{bot}/claims",
      "/claims",
      "/claims/{claim}/complete",
      "/claims/{claim}/fail",
      "/claims/{claim}/heartbeat",
      "/claims/{claim}/start",
      "/dead-letters",
      "/dead-letters/redrive",
      "/health",
      "/jobs",
      "/rescues",
    ]);
    expect(Object.keys(document.paths["/claims"]?.["post"]?.responses ?? {})).toEqual(
      expect.arrayContaining(["200", "204", "400", "409", "503", "504"]),
    );
  });
});

describe("the metrics of the service", () => {
  it("count what happened, and tell the state of the queue", async () => {
    await using served = await serve();
    await served.send("POST", "/jobs", { count: 3 });
    await served.send("POST", "/claims", { bot: 1 });
    await served.send("POST", "/claims/1-9/complete", { bot: 1, result: 0 });
    await served.control.query(
      "UPDATE jobs SET run_at = clock_timestamp() - interval '1 h' WHERE id = 2",
    );
    const text = await (await fetch(`${served.url}/metrics`)).text();
    const value = (series: string) =>
      text
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")[1];
    expect(value('doubletake_operations_total{operation="claim",outcome="ok"}')).toBe("1");
    expect(value('doubletake_operations_total{operation="complete",outcome="empty"}')).toBe("1");
    expect(value('doubletake_jobs{status="pending"}')).toBe("2");
    expect(value('doubletake_stuck_jobs{state="pending"}')).toBe("1");
    expect(Number(value("doubletake_oldest_pending_seconds"))).toBeGreaterThan(3_500);
    expect(value('doubletake_inconsistent_rows{query="held-jobs-without-a-bot"}')).toBe("0");
    expect(
      value(
        'doubletake_request_duration_seconds_count{route="/claims/:claim/complete",status="410"}',
      ),
    ).toBe("1");
  });

  it("show rows that disagree, and statements that a constraint refused", async () => {
    await using served = await serve({ strategy: "naive-transaction" });
    await served.send("POST", "/jobs", {});
    await served.control.query("INSERT INTO bots (id, name, current_job_id) VALUES (9, 'gone', 1)");
    const refused = await served.send("POST", "/claims", { bot: 1 });
    expect(refused).toMatchObject({ status: 503, body: { code: "23505" } });
    const text = await (await fetch(`${served.url}/metrics`)).text();
    expect(text).toContain('doubletake_constraint_violations_total{code="23505"} 1');
    expect(text).toContain('doubletake_inconsistent_rows{query="bots-without-a-held-job"} 1');
  });
});

describe("the end of the service", () => {
  it("waits for the request under way, and is the same however often it is asked for", async () => {
    await using served = await serve();
    await served.send("POST", "/jobs", {});
    await served.control.withConnection(async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE bots");
      const pending = served.send("POST", "/claims", { bot: 1 });
      const waiting = async () => {
        const rows = await served.control.query(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%bots%'",
        );
        return rows.length > 0;
      };
      await expect.poll(waiting, { timeout: 10_000 }).toBe(true);
      const stopped = Promise.all([served.server.stop(), served.server.stop()]);
      await client.query("ROLLBACK");
      expect(await pending).toMatchObject({ status: 200 });
      await stopped;
    });
    await expect(fetch(`${served.url}/health`)).rejects.toThrow("fetch failed");
  });
});
