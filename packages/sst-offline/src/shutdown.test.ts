import { once } from "node:events";
import { connect } from "node:net";
import { accessLogOf, begunOf, serve } from "@backend/testing/serving";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FixtureProject, fixtureProject } from "../test/project";
import type { Offline } from "./offline";

let project: FixtureProject;
let offline: Offline;
beforeEach(async () => {
  const source =
    'export const handler = async () => { console.log("begun"); await new Promise((r) => setTimeout(r, 300)); ' +
    'return "done"; };';
  project = fixtureProject({ "GET /a": { source } });
  offline = await serve(project.folder);
  await (await fetch(`${offline.url()}/a`)).text();
});
afterEach(() => project.remove());

describe("a stop", () => {
  it("waits for requests in flight, and takes no new ones", async () => {
    const url = offline.url();
    const running = fetch(`${url}/a`);
    await expect.poll(() => begunOf(project.folder, "F0")).toBe(2);
    const stopped = offline.stop();
    await expect(fetch(`${url}/a`)).rejects.toThrow("fetch failed");
    const response = await running;
    expect([response.status, response.headers.get("connection"), await response.text()]).toEqual([
      200,
      "close",
      "done",
    ]);
    await stopped;
    expect(accessLogOf(offline).map(({ status }) => status)).toEqual([200, 200]);
  });

  // Browsers open connections before they need them.
  it.each([
    ["that has sent nothing", ""],
    ["that has sent half of its headers", "GET /dev/a HTTP/1.1\r\nHost:"],
    ["that has sent half of its body", "POST /dev/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nab"],
  ])("does not wait for a connection %s", async (_title, text) => {
    const socket = connect(Number(new URL(offline.url()).port), "127.0.0.1");
    socket.on("error", () => {}); // a reset is a valid end
    await once(socket, "connect");
    socket.write(text);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await offline.stop();
    await closed;
  });
});
