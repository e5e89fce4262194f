import { Client } from "pg";
import { HarnessError } from "../../base/harness-error.ts";
import type { PostgresAddress } from "./postgres-server.ts";

const connectMs = 5_000;
const statementMs = 30_000;

/** One connection for a short errand; a HarnessError says why it cannot be had. Never shows the password. */
export async function withConnection<T>(
  address: PostgresAddress,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openConnection(address);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The caller ends the connection. */
export async function openConnection(
  address: PostgresAddress,
  name = "doubletake-environment",
): Promise<Client> {
  const client = new Client({
    ...address,
    password: address.password ?? "",
    ssl: address.ssl ?? false,
    application_name: name,
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs,
    keepAlive: true,
  });
  // A connection that breaks while idle fails the next statement, which says so.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionError(error, address);
  }
}

/** `host:port/database as user`: what to call a server in a message. */
export function addressText(address: PostgresAddress): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `postgres://${address.user}@${host}:${address.port}/${address.database}`;
}

function connectionError(error: unknown, address: PostgresAddress): HarnessError {
  const { code, message } = error as { code?: string; message: string };
  const known = refusals.find(({ sign }) => sign.test(`${code ?? ""} ${message}`));
  return new HarnessError({
    kind: "environment",
    what: known?.what ?? `PostgreSQL refused the connection: ${message}`,
    where: addressText(address),
    hint: known?.hint ?? "check the URL; `doubletake doctor --postgres URL` tries it",
    cause: error,
  });
}

/** SQLSTATEs of the server, and codes of the operating system and of Node. */
const refusals = [
  {
    sign: /^ECONNREFUSED/,
    what: "nothing listens there",
    hint: "is the server up, and is the port right?",
  },
  {
    sign: /^(ENOTFOUND|EAI_AGAIN)/,
    what: "there is no host of that name",
    hint: "check the host in the URL",
  },
  {
    sign: /timeout|^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/,
    what: `the server did not answer within ${connectMs} ms`,
    hint: "is the host right, and does a firewall stand between?",
  },
  {
    sign: /^28P01|password/,
    what: "the server does not accept the password",
    hint: "give it in the URL, or in PGPASSWORD",
  },
  {
    sign: /^28000/,
    what: "the server does not let this user in",
    hint: "check the user, and pg_hba.conf; a server that insists on TLS needs ?sslmode=require",
  },
  {
    sign: /^3D000/,
    what: "there is no database of that name",
    hint: "create it, or correct the URL",
  },
  {
    sign: /^53300/,
    what: "the server has no connection left",
    hint: "raise max_connections, or end other connections",
  },
  {
    sign: /SSL|TLS|certificate/i,
    what: "the encrypted connection could not be made",
    hint: "?sslmode=disable, require (not verified) or verify-full",
  },
] as const;
