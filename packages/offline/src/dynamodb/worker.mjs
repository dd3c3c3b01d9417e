// The thread that dynalite runs in: an error of it cannot end the server, and a long query keeps no request waiting.
import { EventEmitter } from "node:events";
import { parentPort } from "node:worker_threads";

import dynalite from "dynalite";

/** @typedef {{ id: number, store: string, create: { TableName: string },  operation: string, body: string }} Call */

/** @type {Map<string, Promise<import("node:http").Server>>} */
const stores = new Map();

// Dynalite checks that there is a signature, not whether it is right.
const HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  authorization: "AWS4-HMAC-SHA256 Credential=offline, SignedHeaders=host, Signature=offline",
  "x-amz-date": "20261123T000000Z",
};

parentPort?.on("message", async (/** @type {Call} */ { id, store, create, operation, body }) => {
  try {
    const opened = stores.get(store) ?? open(store, create);
    stores.set(store, opened);
    parentPort?.postMessage({ id, ...(await call(await opened, operation, body)) });
  } catch (error) {
    stores.delete(store);
    parentPort?.postMessage({ id, failure: String(error) });
  }
});

/**
 * @param {string} path
 * @param {{ TableName: string }} create
 */
async function open(path, create) {
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const { TableName } = create;
  const { status, body } = await call(server, "CreateTable", JSON.stringify(create));
  if (status !== 200 && !body.includes("ResourceInUseException")) throw new Error(body);
  while (!(await call(server, "DescribeTable", JSON.stringify({ TableName }))).body.includes('"ACTIVE"'));
  return server;
}

/**
 * Hands dynalite a request without a socket, which would be one more door.
 *
 * @param {import("node:http").Server} server
 * @param {string} operation
 * @param {string} body
 * @returns {Promise<{ status: number, body: string, crc32: string }>}
 */
function call(server, operation, body) {
  return new Promise((resolve) => {
    /** @type {Record<string, unknown>} */
    const headers = {};
    const request = Object.assign(new EventEmitter(), {
      method: "POST",
      url: "/",
      headers: { ...HEADERS, "x-amz-target": `DynamoDB_20120810.${operation}` },
    });
    const response = {
      statusCode: 200,
      /** @param {string} name @param {unknown} value */
      setHeader(name, value) {
        headers[name.toLowerCase()] = value;
      },
      end(/** @type {string} */ text = "") {
        resolve({ status: this.statusCode, body: text, crc32: String(headers["x-amz-crc32"] ?? "") });
      },
    };
    server.emit("request", request, response);
    request.emit("data", Buffer.from(body));
    request.emit("end");
  });
}
