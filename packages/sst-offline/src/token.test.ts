import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { serveUserPool, TENANTS, type TestPool } from "../test/user-pool";
import { main } from "./cli";

let pool: TestPool;
beforeAll(async () => {
  pool = await serveUserPool();
});
afterAll(() => pool.close());
const outputsFile = () => path.join(pool.project, ".offline/dev/outputs.json");
beforeEach(() => {
  mkdirSync(path.dirname(outputsFile()), { recursive: true });
  writeFileSync(outputsFile(), JSON.stringify({ url: "http://127.0.0.1:1/dev", awsEndpointUrl: pool.endpointUrl }));
});
afterEach(() => rmSync(outputsFile(), { force: true }));

/** `pnpm offline token ...` in the project of the pool. */
async function token(args: string[], project = pool.project) {
  const output = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    write(text: string) {
      output[name] += text;
      return true;
    },
  });
  const interrupted = new Promise<void>(() => {});
  const env = { INIT_CWD: path.dirname(project) };
  const argv = ["token", "--project", path.basename(project), ...args];
  const code = await main(
    argv,
    { stdout: into("stdout"), stderr: into("stderr"), env, interrupted },
    { runtimeGroups: TENANTS },
  );
  return { code, ...output };
}

describe("a token for the running stage", () => {
  it("is for a machine client, signed with the key that the issuer publishes", async () => {
    const { code, stdout, stderr } = await token(["--client", "machine", "--scope", "audit/write audit/read"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const keys = createRemoteJWKSet(new URL(`${pool.issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(stdout.trim(), keys, { issuer: pool.issuer });
    expect(payload).toMatchObject({ sub: pool.ids.machine, scope: "audit/write audit/read", token_use: "access" });
    expect(payload.username).toBeUndefined();
  });

  it("with --user is for a user of the client for sign-in, with the given groups", async () => {
    const groups = ["--group", "operators", "--group", "tenant:acme"];
    const { code, stdout } = await token(["--client", "web", "--user", "ada", ...groups]);
    expect(code).toBe(0);
    expect(decodeJwt(stdout)).toMatchObject({
      username: "ada",
      client_id: pool.ids.web,
      "cognito:groups": ["operators", "tenant:acme"],
      scope: "openid audit/read audit/write",
      iss: pool.issuer,
    });
  });

  it.each([["webclient"], ["WebClient"], ["WEB"]])("takes the client by its logical name: %s", async (name) => {
    const { stdout } = await token(["--client", name, "--user", "ada"]);
    expect(decodeJwt(stdout).client_id).toBe(pool.ids.web);
  });

  it("takes the client by its id, and without --client the only one that fits", async () => {
    const byId = await token(["--client", pool.ids.machine]);
    const unnamed = await token([]);
    for (const { stdout } of [byId, unnamed]) expect(decodeJwt(stdout).client_id).toBe(pool.ids.machine);
  });
});

const CLIENTS = "WebClient (code), FixtureMachine (client_credentials), Server (code)";

describe("wrong usage has exit code 2 and prints no token", () => {
  it.each<[string[], string]>([
    [["--client", "nobody"], `--client nobody: no client has this name; expected one of ${CLIENTS}`],
    [["--user", "ada"], `--client: the stage has several clients for this; expected one of ${CLIENTS}`],
    [
      ["--client", "web"],
      "--client web: WebClient (code) is not a machine client: name a person with --user NAME, or another client",
    ],
    [
      ["--client", "machine", "--user", "ada"],
      "--client machine: nobody signs in with FixtureMachine (client_credentials); leave --user out, or name " +
        "another client",
    ],
    [["--scope", "traffic/read"], "--scope: scope: expected some of audit/read audit/write"],
    [["--scope", ""], "--scope: scope: expected some of audit/read audit/write"],
    [["--group", "writers"], "--group writers: needs --user NAME"],
    [
      ["--client", "web", "--user", "ada", "--group", "root"],
      '--user, --group: no group "root": expected writers, operators',
    ],
    [["--client", "web", "--user", "a b"], '--user, --group: user name "a b": expected 1 to 128 letters'],
    [["--stage", "nope"], 'no graph of stage "nope"'],
    ...["dev/../prod", "../../../attack/evil", "../../x", "..", "", "dev\n"].map((stage): [string[], string] => [
      ["--stage", stage],
      `--stage ${stage.replace("\n", "\\u000a")}: expected letters, digits and hyphens`,
    ]),
    [["--project", "\u001b[31mred"], "\\u001b[31mred: no such folder"],
    [["--client", "\u001b]0;title\u0007"], "--client \\u001b]0;title\\u0007: no client has this name"],
    [["--\u001b[31mred"], "\\u001b[31mred"],
    [["--user"], "Option '--user <value>' argument missing"],
    [["machine"], "Unexpected argument 'machine'"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await token(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toMatch(/(?![\n\t])\p{Cc}/u);
  });
});

describe("if the stage is not running, the exit code is 1 and the error names the command to start it:", () => {
  it("the outputs file is missing", async () => {
    rmSync(outputsFile());
    const { code, stdout, stderr } = await token([]);
    expect([code, stdout]).toEqual([1, ""]);
    for (const text of [outputsFile(), "is missing", "(or restart)", '"pnpm offline"']) expect(stderr).toContain(text);
  });

  it.each(["{}", '{"awsEndpointUrl":1}', '{"awsEndpointUrl":"x"}', "null", "[]", "42", "", "{"])(
    "the outputs file is damaged: %j",
    async (contents) => {
      writeFileSync(outputsFile(), contents);
      const { code, stderr } = await token([]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`${outputsFile()} is damaged`)]);
      expect(stderr).toContain('"pnpm offline"');
    },
  );

  it("nothing listens at the issuer's address", async () => {
    const gone = await serveUserPool();
    await gone.close();
    writeFileSync(outputsFile(), JSON.stringify({ awsEndpointUrl: gone.endpointUrl }));
    const { code, stdout, stderr } = await token([]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^stage "dev" does not respond at http:\S+ \(.*ECONNREFUSED.*\): start \(or restart\) it with "pnpm offline"\n$/,
    );
    expect(existsSync(gone.kept)).toBe(false);
  });

  it("the issuer at that address has other keys", async () => {
    const other = await serveUserPool();
    writeFileSync(outputsFile(), JSON.stringify({ awsEndpointUrl: other.endpointUrl }));
    const { code, stdout, stderr } = await token([]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`${other.issuer} does not use the keys in `);
    await other.close();
  });
});

it("--help lists the options, with exit code 0", async () => {
  const { code, stdout } = await token(["--help"]);
  expect(code).toBe(0);
  for (const option of ["--client", "--scope", "--user", "--group", "--stage", "--project", "--help"])
    expect(stdout).toContain(`  ${option} `);
});
