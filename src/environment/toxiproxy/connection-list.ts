import type { Toxiproxy } from "toxiproxy-node-client";
import { ToxiproxyRefusal } from "./toxiproxy-api.ts";
import type { CutRequest, LinkConnection, LinkConnections } from "./toxiproxy-server.ts";

/** `GET /proxies/{name}/connections` of doubletake's proxy; see docs/adding-a-toxic.md. */
interface ConnectionBody {
  readonly id: number;
  readonly pid?: number | null;
}

/** The connections that pass one proxy now. */
export class ConnectionList implements LinkConnections {
  readonly #api: Toxiproxy;
  readonly #url: string;

  constructor(api: Toxiproxy, proxy: string) {
    this.#api = api;
    this.#url = `${api.host}/proxies/${proxy}/connections`;
  }

  async list(): Promise<readonly LinkConnection[]> {
    const { data } = await this.#api.api.get<readonly ConnectionBody[]>(this.#url);
    return data.map(({ id, pid }) => ({ id, backendPid: pid ?? undefined }));
  }

  async cut(id: number, { how, side }: CutRequest): Promise<boolean> {
    try {
      await this.#api.api.delete(`${this.#url}/${id}?how=${how}&side=${side}`);
      return true;
    } catch (error) {
      if (error instanceof ToxiproxyRefusal && error.status === 404) return false;
      throw error;
    }
  }
}
