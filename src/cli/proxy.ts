import { once } from "node:events";
import { Command } from "commander";
import { HarnessError } from "../base/harness-error.ts";
import { readConfigFile } from "../proxy/config-file.ts";
import { serverVersion } from "../proxy/server-version.ts";
import { ProxyServer } from "../proxy/server.ts";

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly config?: string;
  readonly seed: number;
  readonly runtimeMetrics?: true;
  readonly json?: true;
}

/** `doubletake proxy`: the embedded server on its own, with the flags of toxiproxy-server. */
export function proxyCommand(): Command {
  const command = new GoStyleCommand("proxy");
  return command
    .description("serve the Toxiproxy-compatible API until interrupted")
    .version(`toxiproxy-server version ${serverVersion()}`, "--version", "print the version")
    .option("--host <host>", "address of the API", "localhost")
    .option(
      "--port <port>",
      "port of the API; 0 takes any that is free",
      wholeNumber("--port"),
      8474,
    )
    .option("--config <file>", "JSON file of proxies to make at the start")
    .option("--seed <number>", "seeds toxicity and jitter", wholeNumber("--seed"), 0)
    .option("--proxy-metrics", "accepted for compatibility: /metrics always answers")
    .option("--runtime-metrics", "add the process itself to /metrics")
    .option("--json", "print one JSON document with the URL instead of the URL")
    .action((flags: Flags) => serve(flags));
}

/** Takes `-host` for `--host`, as Go's flag package does, so that scripts written for toxiproxy-server work. */
class GoStyleCommand extends Command {
  override parseOptions(argv: string[]): ReturnType<Command["parseOptions"]> {
    return super.parseOptions(argv.map((word) => word.replace(/^-(?=[a-z][a-z-]+(=|$))/, "--")));
  }
}

async function serve({ host, port, config, seed, runtimeMetrics, json }: Flags): Promise<void> {
  const proxies = config === undefined ? [] : await readConfigFile(config);
  await using server = await ProxyServer.start({
    host: host === "localhost" ? "127.0.0.1" : host,
    port,
    seed,
    proxies,
    runtimeMetrics: runtimeMetrics === true,
  });
  const { url, version } = server;
  const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  process.stdout.write(json === true ? `${JSON.stringify({ url, version })}\n` : `${url}\n`);
  await interrupted;
}

function wholeNumber(flag: string): (text: string) => number {
  const largest = flag === "--port" ? 65_535 : Number.MAX_SAFE_INTEGER;
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value <= largest) return value;
    const what = `${text} is not a whole number from 0 to ${largest}`;
    throw new HarnessError({ kind: "usage", what, where: flag });
  };
}
