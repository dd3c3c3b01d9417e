import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { installPlatform, PULUMI_VERSION } from "./platform";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

describe("the pinned versions", () => {
  it("agree: the stand-in prints the engine version that SST's platform requires", () => {
    const manifest = JSON.parse(readFileSync(path.join(repository, ".sst/platform/package.json"), "utf8"));
    expect(manifest.dependencies["@pulumi/pulumi"]).toBe(PULUMI_VERSION);
  });
});

/** A script in place of `sst` that records its arguments, and creates a platform folder. */
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

  it("runs the project's own sst with a stand-in engine and a temporary configuration folder", async () => {
    sst(SST);
    const said: string[] = [];
    expect(await installPlatform(root, (line) => said.push(line))).toBe(path.join(root, ".sst/platform"));
    expect(read("called")).toBe("install --stage dev");
    expect(read("engine")).toBe("v3.215.0");
    expect(read("config").startsWith(os.tmpdir())).toBe(true);
    expect(said).toHaveLength(1);
  });

  it("does nothing if the platform of this version is installed", async () => {
    sst(SST);
    await installPlatform(root, () => {});
    sst("#!/bin/sh\nexit 1\n");
    await expect(installPlatform(root, () => {})).resolves.toBeDefined();
  });

  it("installs again if sst has another version, or packages are missing", async () => {
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

  it("includes the output of a failed sst install in the error", async () => {
    sst("#!/bin/sh\necho 'no network' >&2\nexit 1\n");
    await expect(installPlatform(root, () => {})).rejects.toThrow("sst install failed:\nno network");
  });

  it("reports an incomplete installation", async () => {
    sst("#!/bin/sh\nmkdir -p .sst/platform\nprintf 4.17.1 > .sst/platform/version\n");
    await expect(installPlatform(root, () => {})).rejects.toThrow("sst install did not complete");
  });
});
