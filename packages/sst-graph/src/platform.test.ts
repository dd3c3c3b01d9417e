import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { installPlatform, PULUMI_VERSION } from "./platform";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

describe("the pinned versions", () => {
  it("agree: SST's platform asks for the version of the engine that the stand-in tells", () => {
    const manifest = JSON.parse(readFileSync(path.join(repository, ".sst/platform/package.json"), "utf8"));
    expect(manifest.dependencies["@pulumi/pulumi"]).toBe(PULUMI_VERSION);
  });
});

/** A project whose `sst` notes how it was called, and lays down a platform as the real one does. */
const SST = `#!/bin/sh
set -e
echo "$@" > called
"$XDG_CONFIG_HOME/sst/bin/pulumi" version > engine
echo "$XDG_CONFIG_HOME" > config
mkdir -p .sst/platform/node_modules/@pulumi/aws
printf 4.17.1 > .sst/platform/version
echo '{}' > .sst/platform/node_modules/@pulumi/aws/package.json
`;

describe("installPlatform", () => {
  let root: string;
  const read = (file: string) => readFileSync(path.join(root, file), "utf8").trim();
  const sst = (script: string) => {
    const bin = path.join(root, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, "sst"), script);
    chmodSync(path.join(bin, "sst"), 0o755);
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "platform-"));
    mkdirSync(path.join(root, "node_modules/sst"), { recursive: true });
    writeFileSync(path.join(root, "node_modules/sst/package.json"), '{"version":"4.17.1"}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("asks the project's own sst, with an engine that only tells its version, away from the user's configuration", async () => {
    sst(SST);
    const said: string[] = [];
    expect(await installPlatform(root, (line) => said.push(line))).toBe(path.join(root, ".sst/platform"));
    expect(read("called")).toBe("install --stage dev");
    expect(read("engine")).toBe("v3.215.0");
    expect(read("config").startsWith(os.tmpdir())).toBe(true);
    expect(said).toHaveLength(1);
  });

  it("does nothing when the platform of this version is there", async () => {
    sst(SST);
    await installPlatform(root, () => {});
    sst("#!/bin/sh\nexit 1\n");
    await expect(installPlatform(root, () => {})).resolves.toBeDefined();
  });

  it("installs again when sst has moved on, or the packages are missing", async () => {
    sst(SST);
    await installPlatform(root, () => {});
    rmSync(path.join(root, "called"));
    writeFileSync(path.join(root, ".sst/platform/version"), "4.16.0");
    await installPlatform(root, () => {});
    expect(read("called")).toBe("install --stage dev");
    rmSync(path.join(root, "called"));
    rmSync(path.join(root, ".sst/platform/node_modules"), { recursive: true });
    await installPlatform(root, () => {});
    expect(read("called")).toBe("install --stage dev");
  });

  it("shows what sst said when it fails", async () => {
    sst("#!/bin/sh\necho 'no network' >&2\nexit 1\n");
    await expect(installPlatform(root, () => {})).rejects.toThrow("sst install failed:\nno network");
  });

  it("does not take an installation for complete that is not", async () => {
    sst("#!/bin/sh\nmkdir -p .sst/platform\nprintf 4.17.1 > .sst/platform/version\n");
    await expect(installPlatform(root, () => {})).rejects.toThrow("sst install left no complete");
  });
});
