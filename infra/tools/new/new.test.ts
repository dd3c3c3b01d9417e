import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";

import { REPOSITORY } from "@backend/sst-graph/repository";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { main } from "./cli";
import { parseFields } from "./fields";
import { namesOf } from "./names";
import { identifiersIn, type Noun, render } from "./render";

/** What `pnpm new` reads. */
const FILES = [
  ...["sst.config.ts", "biome.json", ".gitignore", "infra/tools/new/template", "infra/components"],
  ...readdirSync(path.join(REPOSITORY, "infra")).flatMap((name) => (/^[\w-]+\.ts$/.test(name) ? `infra/${name}` : [])),
  ...["core/src/permissions.ts", "core/src/operations.ts", "platform/src/permissions.ts"].map(
    (file) => `packages/${file}`,
  ),
  "packages/functions/src/openapi.json",
];

let project: string;

const contentOf = (file: string) => readFileSync(path.join(project, file), "utf8");
const contents = () =>
  Object.fromEntries(
    readdirSync(project, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .map((file) => [path.relative(project, file), readFileSync(file, "utf8")]),
  );

function edit(file: string, from: string | RegExp, to: string): void {
  const text = contentOf(file);
  expect(text).toMatch(from);
  writeFileSync(path.join(project, file), text.replace(from, to));
}

async function create(argv: string[], { failing = "", onRun = () => {} } = {}) {
  const ran: string[] = [];
  let [out, err] = ["", ""];
  const code = await main(argv, {
    project,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    run(...command) {
      ran.push(command.join(" "));
      onRun();
      return command[0] === failing ? 1 : 0;
    },
  });
  return { code, out, err, ran };
}

describe("pnpm new", () => {
  beforeEach(() => {
    project = mkdtempSync(path.join(os.tmpdir(), "new-"));
    for (const file of FILES) cpSync(path.join(REPOSITORY, file), path.join(project, file), { recursive: true });
    symlinkSync(path.join(REPOSITORY, "node_modules"), path.join(project, "node_modules"));
    mkdirSync(path.join(project, "infra/graph"));
    writeFileSync(path.join(project, "infra/graph/dev.json"), "{}");
  });
  afterEach(() => rmSync(project, { recursive: true }));

  it("makes at most 12 files, changes at most 4, and writes what is generated", async () => {
    const before = contents();
    const { code, out, err, ran } = await create(["zebras", "--fields", "customer:string,total:number"]);
    expect({ code, err, ran }).toEqual({ code: 0, err: "", ran: ["synth", "reference"] });
    const after = contents();
    const made = Object.keys(after).filter((file) => !(file in before));
    const changed = Object.keys(before).filter((file) => after[file] !== before[file]);
    expect(made.length).toBeLessThanOrEqual(12);
    expect(changed.length).toBeLessThanOrEqual(4);
    for (const file of [...made, ...changed]) expect(out).toContain(`  ${file}\n`);
    const owned = /^(packages\/(core|functions)\/src\/zebras\/[\w.-]+|infra\/zebras)\.ts$/;
    expect(made.filter((file) => !owned.test(file))).toEqual([]);
  });

  it("marks each line of a shared file that is the noun's, so that they can be taken out", async () => {
    const before = contents();
    await create(["zebras"]);
    const region = / *\/\/ #region zebras\n[\s\S]*?\/\/ #endregion zebras\n/g;
    const plain = (text = "") => text.replaceAll(/\s|,(?=\s*[\]}])/g, ""); // whatever the formatter makes of lists
    for (const file of Object.keys(before).filter((name) => contentOf(name) !== before[name])) {
      const left = contentOf(file)
        .replaceAll(region, "")
        .replaceAll(/.*\/\/ #line zebras\n/g, "");
      expect(plain(left)).toBe(plain(before[file]));
    }
  });

  it("lets browsers use its methods, also if another noun that has them is taken out", async () => {
    for (const noun of ["zebras", "lemurs"]) expect((await create([noun])).code).toBe(0);
    const [, list = ""] = /allowMethods: \[([^\]]*)\]/.exec(contentOf("sst.config.ts")) ?? [];
    const without = list.replaceAll(/.*\/\/ #line zebras\n/g, "");
    for (const method of ["GET", "POST", "PUT", "DELETE"]) expect(without).toContain(`"${method}",`);
  });

  it("leaves a stage without the sample client as it is", async () => {
    edit("infra/stage.ts", /Machine\b/g, "Billing");
    const before = contentOf("infra/stage.ts");
    expect((await create(["zebras"])).code).toBe(0);
    expect(contentOf("infra/stage.ts")).toBe(before);
  });

  it.each(["synth", "reference"])("leaves every file as it was if %s fails", async (failing) => {
    const before = contents();
    const onRun = () => writeFileSync(path.join(project, "infra/graph/dev.json"), "half");
    const { code, err } = await create(["zebras"], { failing, onRun });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`pnpm ${failing} failed`) });
    expect(contents()).toEqual(before);
    expect(existsSync(path.join(project, "packages/core/src/zebras"))).toBe(false);
  });

  it("refuses a name that a page of the documentation has: removing the noun would delete the page", async () => {
    mkdirSync(path.join(project, "docs"));
    writeFileSync(path.join(project, "docs/zebras-in-africa.md"), "");
    const { code, err } = await create(["zebras"]);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining("docs/zebras-in-africa.md would be removed"),
    });
  });

  it.each<[argv: string[], message: RegExp]>([
    [[], /one noun, such as orders: found none/],
    [["zebras", "lemurs"], /found 2/],
    [["Orders"], /noun "Orders": expected .* lower-case/],
    [["../zebras"], /noun "..\/zebras": expected/],
    [["people"], /"people": its singular cannot be guessed; add --singular/],
    [["cases"], /"cases": its singular cannot be guessed/],
    [["sheep", "--singular", "sheep"], /differs from the singular/],
    [["traffic", "--singular", "flow"], /reserved for the platform/],
    [["openapi", "--singular", "spec"], /reserved for the platform/],
    [["operations"], /packages\/core\/src\/operations.ts exists/],
    [["waivers"], /infra\/waivers.ts exists/],
    [["components"], /infra\/components exists/],
    [["operators"], /there is a group "operators"/],
    [["problems"], /the API has a schema "Problem"/],
    [["users"], /there is a resource "Users"/],
    [["people", "--singular", "person"], /sst.config.ts uses the name "people"/],
    [["classes", "--singular", "class"], /uses the name "class"/],
    [["dates"], /uses the name "Date"/],
    [["promises", "--singular", "promise"], /infra\/promises.ts exists/],
    [["stores"], /uses the name "stores"/],
    [[`${"long".repeat(13)}zebras`], /Lambda allows 64/],
    [["zebras", "--fields", "total:money"], /field "total:money": expected one of the types string, number/],
    [["zebras", "--fields", "total"], /field "total": expected/],
    [["zebras", "--fields", "a:string,a:number"], /"a" is there twice/],
    [["zebras", "--fields", "id:string"], /the name is reserved/],
    [["zebras", "--fields", "constructor:string"], /expected name:type/],
    [["zebras", "--key", "sku"], /--key sku: --fields has no such field/],
    [["zebras", "--key", "n", "--fields", "n:number,a:string"], /the field is "number"; expected a required field/],
    [["zebras", "--key", "n", "--fields", "n:string?,a:string"], /the field is "string\?"; expected/],
    [["zebras", "--key", "n", "--fields", "n:string"], /it is the only field/],
  ])("refuses %j in one line, and writes nothing", async (argv, message) => {
    const before = contents();
    const { code, err, ran } = await create(argv);
    expect(err).toMatch(message);
    expect({ code, ran }).toEqual({ code: 2, ran: [] });
    expect(err.trimEnd().split("\n")).toEqual([expect.any(String), 'Run "pnpm new --help" for help.']);
    expect(contents()).toEqual(before);
  });

  it.each<[file: string, anchor: RegExp, shown: string]>([
    ["sst.config.ts", /return api\.publish\(\);/, "return api.publish();"],
    ["sst.config.ts", /allowMethods: .*/, "allowMethods: [...],"],
    ["packages/core/src/permissions.ts", /\.\.\.PLATFORM_PERMISSIONS,/, "...PLATFORM_PERMISSIONS,"],
    ["packages/core/src/operations.ts", /const ALL = /, "const ALL = [...];"],
  ])("says which line %s lacks, and writes nothing", async (file, anchor, shown) => {
    edit(file, anchor, "");
    const before = contents();
    const { code, err } = await create(["zebras"]);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining(`${file}: expected the line "${shown}", found none; add it by hand`),
    });
    expect(contents()).toEqual(before);
  });

  it("refuses a noun whose route exists", async () => {
    edit("packages/functions/src/openapi.json", /"paths": \{/, '"paths": { "/zebras/{id}": {},');
    expect((await create(["zebras"])).err).toContain('there is a route "/zebras/{id}"');
  });

  it("refuses a noun that it has made, and makes one whose name is part of that", async () => {
    await create(["zebra-crossings"]);
    expect((await create(["zebra-crossings"])).err).toContain("packages/core/src/zebra-crossings exists");
    expect((await create(["zebras"])).code).toBe(0);
  });
});

describe("the singular", () => {
  it.each([
    ["orders", "order"],
    ["categories", "category"],
    ["days", "day"],
    ["purchase-orders", "purchase-order"],
  ])("of %s is %s", (plural, singular) => {
    expect(namesOf(plural).singular).toBe(singular);
  });

  it.each(["news-releases", "boxes", "batches", "caches", "heroes", "knives", "series", "movies", "data", "status"])(
    "of %s has to be given",
    (plural) => {
      expect(() => namesOf(plural)).toThrow("cannot be guessed");
    },
  );
});

describe("the text of a noun", () => {
  const noun: Noun = {
    ...{ plural: "purchase-orders", singular: "purchase-order", perTenant: false, key: "code" },
    fields: parseFields("code:string,name:string"),
  };

  it.each([
    [
      "/** Gets a note from the notes of `NOTES_TABLE`. */",
      "/** Gets a purchase order from the purchase orders of `PURCHASE_ORDERS_TABLE`. */",
    ],
    [
      'operation("GET /notes/{id}", { id: "getNote", group: "notes" })',
      'operation("GET /purchase-orders/{code}", { id: "getPurchaseOrder", group: "purchase-orders" })',
    ],
    [
      'import { noteStore } from "../../core/notes/note";\nnoteStore();',
      'import { purchaseOrderStore } from "@backend/core/purchase-orders/purchase-order";\npurchaseOrderStore();',
    ],
    ['`no note "${note.id}"`', '`no purchase order "${purchaseOrder.code}"`'],
    ["// #if tenant\na();\n// #else\n//: b();\n// #endif\n", "b();\n"],
    ["// #if tenant key\na();\n// #endif\n// #if shared key\n//: b();\n// #endif\n", "b();\n"],
    ["[\n  // #region fields\n  title: Text,\n  // #endregion fields\n]", "[\nname: Text,\n]"],
  ])("%j becomes %j", (template, text) => {
    expect(render(template, noun)).toBe(text);
  });

  it("has no name that is used for something else: names in comments, texts and properties are free", () => {
    const template = 'const a = b.c + `${d}`; // e\nnote({ f: "g", h });';
    expect([...identifiersIn(template)].sort()).toEqual(["a", "b", "const", "d", "h"]);
  });
});
