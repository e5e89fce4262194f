// A process like a run: starts the servers it is told to, says where they are, and waits to be killed.
// node host.mjs <package folder> '<json of the request>'
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , packageFolder, request] = process.argv;
const { kind, ...settings } = JSON.parse(request);
const module = {
  postgres: "dist/environment/postgres/postgres-servers.js",
  toxiproxy: "dist/environment/toxiproxy/toxiproxy-servers.js",
}[kind];
const servers = await import(pathToFileURL(`${packageFolder}/${module}`));

try {
  const start = kind === "postgres" ? servers.startPostgres : servers.startToxiproxy;
  const server = await start({ settings: {}, image: "", seed: 1, ...settings });
  const details = kind === "postgres" ? await postgresDetails(server) : { url: server.url };
  console.log(JSON.stringify({ ok: true, description: server.description, ...details }));
  process.stdin.resume().on("end", () => process.exit());
} catch (error) {
  console.log(JSON.stringify({ ok: false, name: error.name, message: error.message }));
}

async function postgresDetails({ address, schema }) {
  const { Client } = createRequire(`${packageFolder}/package.json`)("pg");
  const client = new Client(address);
  await client.connect();
  const { rows } = await client.query(
    "SELECT current_setting('data_directory') AS data, pg_backend_pid() AS pid",
  );
  await client.end();
  return { address, schema, folder: rows[0].data.replace(/\/data$/, "") };
}
