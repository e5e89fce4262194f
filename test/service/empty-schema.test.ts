import { expect, it } from "vitest";
import { emptySchema } from "../../src/service/tables.ts";
import { openDatabase } from "../setup/database.ts";

it("a schema is emptied of whatever a set-up may have put there, partitioned tables included", async () => {
  await using database = await openDatabase();
  const { control } = database;
  await control.query(`
    CREATE TYPE state AS ENUM ('free', 'taken');
    CREATE TABLE tickets (id serial PRIMARY KEY, state state);
    CREATE TABLE parted (queue text, id int) PARTITION BY LIST (queue);
    CREATE TABLE part PARTITION OF parted FOR VALUES IN ('q');
    CREATE VIEW free AS SELECT * FROM tickets WHERE state = 'free';
    CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
  await emptySchema(control);
  const left = await control.query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace
     UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
     UNION ALL SELECT typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace`,
  );
  expect(left).toEqual([]);
});
