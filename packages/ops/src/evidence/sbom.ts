import { createHash } from "node:crypto";

import { parse } from "yaml";

/** pnpm-lock.yaml, version 9, as far as it is read. */
interface Lockfile {
  packages: Record<string, { resolution: { integrity?: string } }>;
  snapshots: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>;
}

/**
 * The packages of a lockfile, development's included, as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/).
 *
 * @param subject what it is of: its dates and numbers are made from it alone
 */
export function sbomOf(
  lockfile: string,
  subject: { name: string; version: string; commit: string; time: number },
): object {
  const { packages, snapshots } = parse(lockfile) as Lockfile;
  const components = Object.entries(packages).map(([key, { resolution }]) => {
    const { name, version } = partsOf(key);
    const scope = name.startsWith("@") ? { group: name.slice(0, name.indexOf("/")) } : {};
    return {
      type: "library",
      "bom-ref": purlOf(key),
      ...scope,
      name: name.slice(name.startsWith("@") ? name.indexOf("/") + 1 : 0),
      version,
      purl: purlOf(key),
      ...(resolution.integrity !== undefined && { hashes: [hashOf(resolution.integrity)] }),
    };
  });
  const dependencies = new Map<string, Set<string>>();
  for (const [key, { dependencies: all, optionalDependencies: optional }] of Object.entries(snapshots)) {
    const ref = purlOf(bare(key));
    const on = dependencies.get(ref) ?? new Set();
    for (const [name, version] of Object.entries({ ...all, ...optional })) {
      const target = bare(packages[bare(version)] === undefined ? `${name}@${version}` : version); // an alias names the package itself
      if (packages[target] !== undefined) on.add(purlOf(target));
    }
    dependencies.set(ref, on);
  }
  const root = `pkg:generic/${subject.name}@${subject.version}`;
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${subject.name} ${subject.commit}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(subject.time * 1000).toISOString(),
      component: { type: "application", "bom-ref": root, name: subject.name, version: subject.version },
    },
    components,
    dependencies: [...dependencies].map(([ref, on]) => ({ ref, dependsOn: [...on].sort() })),
  };
}

/** `@scope/name@1.2.3` */
function partsOf(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  return { name: key.slice(0, at), version: key.slice(at + 1) };
}

/** Without the peers that a package was resolved with, which stand in parentheses. */
function bare(key: string): string {
  const at = key.indexOf("(");
  return at < 0 ? key : key.slice(0, at);
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
function purlOf(key: string): string {
  const { name, version } = partsOf(key);
  return `pkg:npm/${name.replace("@", "%40")}@${encodeURIComponent(version)}`;
}

/** Of a subresource integrity: https://www.w3.org/TR/SRI/ */
function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = "", digest = ""] = integrity.split("-", 2);
  return {
    alg: algorithm.toUpperCase().replace("SHA", "SHA-"),
    content: Buffer.from(digest, "base64").toString("hex"),
  };
}

/** The same for the same text: RFC 9562, version 8. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
