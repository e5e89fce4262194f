import type { ApiRow } from "./api-row.ts";
import { plain } from "./fixtures.ts";

export const routingRows: readonly ApiRow[] = [
  {
    what: "an unknown path",
    request: ["GET", "/nope"],
    expect: {
      status: 404,
      text: "404 page not found\n",
      headers: { ...plain, "x-toxiproxy-request-id": null },
    },
  },
  {
    what: "a trailing slash",
    request: ["GET", "/proxies/"],
    expect: { status: 404, text: "404 page not found\n" },
  },
  {
    what: "a slash in a name, encoded",
    request: ["GET", "/proxies/a%2Fb"],
    expect: { status: 404, text: "404 page not found\n" },
  },
  {
    what: "a known path with another method",
    request: ["PUT", "/proxies"],
    expect: { status: 405, text: "", headers: { allow: null, "x-toxiproxy-request-id": null } },
  },
  { what: "HEAD", request: ["HEAD", "/proxies"], expect: { status: 405, text: "" } },
  { what: "OPTIONS", request: ["OPTIONS", "/proxies"], expect: { status: 405, text: "" } },
  {
    what: "a path that needs cleaning",
    request: ["GET", "//proxies"],
    expect: { status: 301, text: "", headers: { location: "/proxies" } },
  },
  {
    what: "a path that needs cleaning, with a query",
    request: ["POST", "//reset?a=b"],
    expect: { status: 301, text: "", headers: { location: "/reset?a=b" } },
  },
  {
    what: "no CORS headers",
    request: ["GET", "/proxies"],
    expect: { status: 200, text: "{}", headers: { "access-control-allow-origin": null } },
  },
];
