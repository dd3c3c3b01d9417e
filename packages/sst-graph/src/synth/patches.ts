interface Patch {
  find: string;
  replace: string;
}

/**
 * The places where SST's platform depends on chance, the clock or the files of a site. A graph must not, so each is
 * replaced while the platform is bundled; the platform on disk stays as it is.
 */
const PATCHES: Record<string, Patch[]> = {
  "src/components/naming.ts": [
    // The suffix of a physical name: a function of the name, so that a second synthesis gives the same.
    {
      find: 'crypto.randomBytes(8).toString("hex")',
      replace: "JSON.stringify([max, name, suffix, $app.name, $app.stage])",
    },
  ],
  "src/components/aws/function.ts": [
    // The object key of a bundle: what it holds is built when it is deployed.
    { find: "hash.update(await fs.promises.readFile(zipPath));", replace: "hash.update(name);" },
  ],
  "src/components/base/base-static-site.ts": [
    // A site's build output: an empty folder, so that neither its files nor a missing build matter.
    {
      find: "if (!build) return sitePath;",
      replace: "if (!build) return output(sitePath).apply(() => globalThis.$task.emptySite);",
    },
    {
      find: "const outputPath = path.join(sitePath, build.output);",
      replace: "const outputPath = globalThis.$task.emptySite;",
    },
    { find: "triggers: [Date.now().toString()],", replace: "" },
    // Types that SST writes into the site's source folder.
    { find: "fs.writeFileSync(filePath, content);", replace: "" },
    { find: "fs.mkdirSync(fileDir, { recursive: true });", replace: "" },
  ],
};

/** The patched source of a platform file, `undefined` where nothing is to be changed. Throws when SST has changed there. */
export function patched(file: string, read: () => string): string | undefined {
  const patches = PATCHES[file];
  if (patches === undefined) return undefined;
  return patches.reduce((source, { find, replace }) => {
    if (source.split(find).length !== 2) throw new Error(`SST's ${file} no longer holds ${JSON.stringify(find)} once`);
    return source.replace(find, () => replace);
  }, read());
}
