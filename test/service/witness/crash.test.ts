import { expect, it } from "vitest";
import { startEmbeddedPostgres } from "../../../src/environment/postgres/embedded.ts";
import { ControlDatabase } from "../../../src/service/control-database.ts";
import { beginRound, openWitness, transactions } from "./script.ts";

/** Committed once that the server's checkpoints know nothing of, and once after it is back. */
it.each(["decoding", "audit"] as const)(
  "the witness by %s tells everything once, though the server crashed",
  async (mode) => {
    await using server = await startEmbeddedPostgres({
      server: "embedded",
      settings: {},
      image: "",
    });
    await using control = new ControlDatabase(server.address, server.schema);
    const database = { address: server.address, control };
    await using bench = await openWitness(database, mode);
    const { witness } = bench;
    await beginRound(database, witness, 0);
    await control.query("UPDATE bots SET current_job_id = 1 WHERE id = 1");
    await witness.endRound();
    await beginRound(database, witness, 1);
    await control.query("UPDATE bots SET current_job_id = 2 WHERE id = 2");
    await server.crash();
    await server.restart();
    await control.query("UPDATE bots SET current_job_id = 3 WHERE id = 1");
    await witness.endRound();
    expect(witness.witness.warnings).toEqual([]);
    expect(transactions(witness, 0).slice(2)).toEqual([["update bot 1: job 1"]]);
    expect(transactions(witness, 1).slice(2)).toEqual([
      ["update bot 2: job 2"],
      ["update bot 1: job 3"],
    ]);
  },
);
