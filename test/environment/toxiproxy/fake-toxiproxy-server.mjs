#!/usr/bin/env node
// As much of toxiproxy-server as its supervisor looks at. Like the real one it keeps running without an API when its
// port is in use, and then leaves a mark that it was started.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [, , , host, , port, , config] = process.argv;
const proxies = Object.fromEntries(
  JSON.parse(readFileSync(config, "utf8")).map((proxy) => [proxy.name, proxy]),
);

const server = createServer((request, response) => {
  if (request.url === "/version") return response.end('{"version": "2.12.0"}\n');
  if (request.method === "DELETE") {
    delete proxies[request.url.split("/").at(-1)];
    return response.writeHead(204).end();
  }
  return response.end(JSON.stringify(proxies));
});
server.on("error", (error) => {
  console.log(
    JSON.stringify({ error: `listen tcp: bind: address already in use (${error.code})` }),
  );
  setInterval(() => {}, 60_000);
});
server.listen(Number(port), host);
